package org.alborz.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StreamsTest {
    @Test
    void noTwoPurposesShareAStream() {
        Set<Long> seen = new HashSet<>();
        for (Streams purpose : Streams.values()) {
            for (long index : new long[] {0, 1, 2, (1L << 48) - 1}) {
                assertThat(seen.add(purpose.stream(index)))
                        .as("%s %d", purpose, index)
                        .isTrue();
            }
        }
    }

    @Test
    void tagsStayWhatTheyWere() {
        assertThat(Streams.WEIGHTS.stream(0)).isEqualTo(0x0001_0000_0000_0000L);
        assertThat(Streams.SHUFFLE.stream(5)).isEqualTo(0x0002_0000_0000_0005L);
        assertThat(Streams.AUGMENT.stream(0)).isEqualTo(0x0003_0000_0000_0000L);
        assertThat(Streams.DROPOUT.stream(0)).isEqualTo(0x0004_0000_0000_0000L);
        assertThat(Streams.DATA.stream(0)).isEqualTo(0x0005_0000_0000_0000L);
        assertThat(Streams.SPLIT.stream(0)).isEqualTo(0x0006_0000_0000_0000L);
        assertThat(Streams.BATCH.stream(3)).isEqualTo(0x0008_0000_0000_0003L);
    }

    @Test
    void refusesAnIndexThatWouldReachTheTag() {
        assertThatThrownBy(() -> Streams.DROPOUT.stream(1L << 48))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DROPOUT")
                .hasMessageContaining("281474976710656");
        assertThatThrownBy(() -> Streams.DROPOUT.stream(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
