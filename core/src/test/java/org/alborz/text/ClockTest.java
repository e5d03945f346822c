package org.alborz.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockTest {
    @Test
    void hoursStandBeforeMinutesWhereThereAreAny() {
        assertThat(Clock.text(0)).isEqualTo("0:00");
        assertThat(Clock.text(65)).isEqualTo("1:05");
        assertThat(Clock.text(3599)).isEqualTo("59:59");
        assertThat(Clock.text(3605)).isEqualTo("1:00:05");
        assertThat(Clock.text(100 * 3600 + 61)).isEqualTo("100:01:01");
    }
}
