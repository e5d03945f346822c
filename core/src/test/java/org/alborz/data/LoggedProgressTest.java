package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggedProgressTest {
    private final Logger log = LoggerFactory.getLogger(LoggedProgressTest.class);

    @Test
    void aLineHasRateAndRemainingTime() {
        long mib = 1 << 20;
        LoggedProgress progress = LoggedProgress.ofBytes(log, "x.gz", 10 * mib, 170 * mib);
        assertThat(progress.line(30 * mib, 4)).isEqualTo("x.gz: 30.0 of 170.0 MiB, 5.00 MiB/s, 0:28 left");
        assertThat(progress.line(11 * mib, 60)).endsWith("0.02 MiB/s, 2:39:00 left");
    }

    @Test
    void otherThingsAreCountedWhole() {
        LoggedProgress progress = LoggedProgress.of(log, "Learning tokens", "tokens", 2000);
        assertThat(progress.line(500, 2)).isEqualTo("Learning tokens: 500 of 2000 tokens, 250.0 tokens/s, 0:06 left");
    }
}
