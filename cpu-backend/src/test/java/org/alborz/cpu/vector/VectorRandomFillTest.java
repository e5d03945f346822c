package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.Buffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.random.RandomKey;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random numbers have the reference's bits, whatever the type, the length, the number of threads and of lanes. */
final class VectorRandomFillTest {
    @ParameterizedTest
    @CsvSource({"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16"})
    void theBitsAreTheReferences(DType dtype) {
        try (Pair pair = new Pair(3)) {
            for (int n : new int[] {0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 1023, 1025, 16_383, 16_384, 16_385, 50_001}) {
                assertSame(pair, dtype, new RandomKey(n, -n, 1L << 32 | n), n);
            }
            assertSame(pair, dtype, new RandomKey(-1, -1, -3), 40);
        }
    }

    @Test
    void aMillionNormalNumbersHaveTheReferencesBits() {
        try (Pair pair = new Pair(2)) {
            assertSame(pair, DType.FLOAT32, new RandomKey(5, 6, 7), 1_000_000);
        }
    }

    /** Some hundred of them are so close to the middle between two floats that they are computed twice. */
    @Tag("sweep")
    @Test
    void manyNormalNumbersHaveTheReferencesBits() {
        try (Pair pair = new Pair(2)) {
            for (int i = 0; i < 40; i++) {
                assertSame(pair, DType.FLOAT32, new RandomKey(i, 6, 7), 2_000_000);
            }
        }
    }

    private static void assertSame(Pair pair, DType dtype, RandomKey key, int n) {
        Twin y = pair.empty(dtype, Layout.rowMajor(Shape.of(n)));
        pair.vector.randomFill().uniform(key, y.vector());
        pair.scalar.randomFill().uniform(key, y.scalar());
        assertSame(pair, dtype, y, "uniform", n);
        pair.vector.randomFill().normal(key, y.vector());
        pair.scalar.randomFill().normal(key, y.scalar());
        assertSame(pair, dtype, y, "normal", n);
        pair.vector.free(y.vector().buffer());
        pair.scalar.free(y.scalar().buffer());
    }

    private static void assertSame(Pair pair, DType dtype, Twin y, String what, int n) {
        int all = (int) y.vector().buffer().elements(); // with the poison around it
        Buffer actual = buffer(dtype, all);
        Buffer expected = buffer(dtype, all);
        pair.vector.download(y.vector().buffer(), 0, actual);
        pair.scalar.download(y.scalar().buffer(), 0, expected);
        assertThat(actual).as("%d %s numbers of %s", n, what, dtype).isEqualTo(expected);
    }

    private static Buffer buffer(DType dtype, int n) {
        return switch (dtype) {
            case FLOAT32 -> FloatBuffer.allocate(n);
            case FLOAT64 -> DoubleBuffer.allocate(n);
            default -> ShortBuffer.allocate(n);
        };
    }
}
