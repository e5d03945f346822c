package org.alborz.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ArenaTest {
    private final Arena arena = new Arena();

    /** Sizes at and around every eighth of every power of two up to 2⁴⁸, and all the small ones. */
    private static List<Long> sizes() {
        List<Long> sizes = new ArrayList<>();
        for (long bytes = 0; bytes < 10_000; bytes++) {
            sizes.add(bytes);
        }
        for (int power = 13; power <= 48; power++) {
            for (long eighth = 8; eighth < 16; eighth++) {
                long at = eighth << power - 3;
                sizes.addAll(List.of(at - 1, at, at + 1));
            }
        }
        return sizes;
    }

    @Test
    void atMostAnEighthIsWasted() {
        for (long bytes : sizes()) {
            long rounded = Arena.rounded(bytes);
            assertThat(rounded).isGreaterThanOrEqualTo(bytes).isPositive();
            assertThat(rounded % 512).isZero();
            assertThat(rounded - bytes).as("waste of %d", bytes).isLessThanOrEqualTo(Math.max(512, bytes / 8));
            assertThat(Arena.rounded(rounded)).as("%d rounded twice", bytes).isEqualTo(rounded);
        }
    }

    @Test
    void aBlockOfAnotherSizeIsNeverTaken() {
        List<Long> rounded =
                sizes().stream().map(Arena::rounded).distinct().sorted().toList();
        for (long size : rounded) {
            arena.put(new CudaBuffer(null, size));
        }
        for (long size : rounded) {
            assertThat(arena.take(size).bytes()).isEqualTo(size);
            assertThat(arena.take(size)).isNull();
        }
        assertThat(arena.bytes()).isZero();
    }

    @Test
    void theBlockFreedLastIsTakenFirst() {
        CudaBuffer first = new CudaBuffer(null, 512);
        CudaBuffer last = new CudaBuffer(null, 512);
        arena.put(first);
        arena.put(last);
        assertThat(arena.bytes()).isEqualTo(1024);
        assertThat(arena.take(512)).isSameAs(last);
        assertThat(arena.bytes()).isEqualTo(512);
        assertThat(arena.drain()).containsExactly(first);
        assertThat(arena.bytes()).isZero();
        assertThat(arena.take(512)).isNull();
    }

    @Test
    void aSizeBeyondAllNumbersIsNotRoundedToASmallOne() {
        assertThatThrownBy(() -> Arena.rounded(Long.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
    }
}
