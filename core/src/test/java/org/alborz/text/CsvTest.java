package org.alborz.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CsvTest {
    @Test
    void whatWouldEndAFieldIsQuoted() {
        assertThat(Csv.field("val_loss", ",")).isEqualTo("val_loss");
        assertThat(Csv.field("", ",")).isEmpty();
        assertThat(Csv.field("a,b", ",")).isEqualTo("\"a,b\"");
        assertThat(Csv.field("a,b", ";")).isEqualTo("a,b");
        assertThat(Csv.field("a;b", ";")).isEqualTo("\"a;b\"");
        assertThat(Csv.field("say \"a\"", ",")).isEqualTo("\"say \"\"a\"\"\"");
        assertThat(Csv.field("two\nlines", ",")).isEqualTo("\"two\nlines\"");
        assertThat(Csv.field("two\rlines", ",")).isEqualTo("\"two\rlines\"");
    }
}
