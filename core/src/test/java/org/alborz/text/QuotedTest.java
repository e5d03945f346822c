package org.alborz.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuotedTest {
    @Test
    void escapesWhatATerminalWouldNotPrint() {
        assertThat(Quoted.text("a\u001b[31m\r\n\t\u0007\u009b\u202e\u2028\uD800\u0000 é 漢 '\\'"))
                .isEqualTo(
                        "'a\\u001b[31m\\u000d\\u000a\\u0009\\u0007\\u009b\\u202e\\u2028\\ud800\\u0000 é 漢 \\'\\\\\\''");
        assertThat(Quoted.text("\uDB40\uDC41😀")).isEqualTo("'\\u{e0041}😀'");
        assertThat(Quoted.text(null)).isEqualTo("null");
    }

    @Test
    void shortensLongTextsAndLists() {
        assertThat(Quoted.text("😀".repeat(81))).isEqualTo("'" + "😀".repeat(80) + "…'");
        assertThat(Quoted.text("x".repeat(80))).doesNotContain("…");
        assertThat(Quoted.list(List.of("a", "b"))).isEqualTo("'a', 'b'");
        assertThat(Quoted.list(IntStream.range(0, 9).mapToObj(Integer::toString).toList()))
                .isEqualTo("'0', '1', '2', '3', '4' and 4 more");
    }

    @Test
    void objectsAreDescribedAlikeInEveryProcess() {
        record Crop(int padding) {}
        Runnable lambda = () -> {};
        assertThat(Described.of(new Crop(4))).isEqualTo("Crop[padding=4]");
        assertThat(Described.of(lambda)).isEqualTo("class QuotedTest$lambda");
        assertThat(Described.of(new Object())).isEqualTo("class Object");
    }
}
