package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.alborz.backend.PackedWeights;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.Activation;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VectorMatMulTest {
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "1, 10, 7",
        "3, 33, 17",
        "7, 31, 5",
        "8, 32, 256",
        "9, 33, 257",
        "6, 16, 6",
        "12, 48, 7",
        "13, 49, 515",
        "8, 32, 512",
        "9, 33, 513",
        "17, 1, 600",
        "64, 64, 64",
        "65, 130, 31",
        "128, 10, 512",
        "5, 4, 0",
        "0, 3, 2",
        "2, 0, 3",
        "100, 2100, 9",
        "2100, 40, 3",
        "1, 300, 300",
        "2, 65, 40"
    })
    void equalsTheReferenceWhateverTheOrderOfItsInputs(int m, int n, int k) {
        try (Pair pair = new Pair(2)) {
            for (int order = 0; order < 4; order++) {
                Twin a = pair.random(matrix(m, k, order % 2 == 1));
                Twin b = pair.random(matrix(k, n, order / 2 == 1));
                Twin bias = order == 3 ? null : pair.random(Layout.rowMajor(Shape.of(n)));
                Activation activation = order == 2 ? Activation.RELU : Activation.NONE;
                Twin y = pair.empty(Layout.rowMajor(Shape.of(m, n)));
                multiply(pair, a, b, bias, activation, y);
                pair.assertClose(m + "x" + n + "x" + k + " order " + order, y, 4 + 4 * Math.sqrt(k));
            }
        }
    }

    @Test
    void readsAnAxisOfOneThatWasSpread() {
        try (Pair pair = new Pair(2)) {
            Twin a = pair.random(Layout.rowMajor(Shape.of(16, 1)));
            Twin b = pair.random(Layout.rowMajor(Shape.of(40, 3))
                    .narrow(1, 0, 1, 1)
                    .reshape(Shape.of(40))
                    .expand(Shape.of(1, 40)));
            Twin y = pair.empty(Layout.rowMajor(Shape.of(16, 40)));
            multiply(pair, a, b, null, Activation.NONE, y);
            pair.assertClose("16x40x1", y, 4);
        }
    }

    private static Layout matrix(int rows, int columns, boolean transposed) {
        return transposed
                ? Layout.rowMajor(Shape.of(columns, rows)).transpose(0, 1)
                : Layout.rowMajor(Shape.of(rows, columns));
    }

    private static void multiply(Pair pair, Twin a, Twin b, Twin bias, Activation activation, Twin y) {
        pair.vector
                .matMul()
                .multiply(a.vector(), b.vector(), bias == null ? null : bias.vector(), activation, y.vector());
        pair.scalar
                .matMul()
                .multiply(a.scalar(), b.scalar(), bias == null ? null : bias.scalar(), activation, y.scalar());
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 4, 5", "5, 7, 33, 9", "3, 140, 130, 129", "0, 2, 2, 2", "2, 400, 40, 9"})
    void multipliesBatches(int batch, int m, int n, int k) {
        try (Pair pair = new Pair(2)) {
            Twin a = pair.random(Layout.rowMajor(Shape.of(batch, m, k)));
            Twin b = pair.random(Layout.rowMajor(Shape.of(batch, n, k)).transpose(1, 2));
            Twin y = pair.empty(Layout.rowMajor(Shape.of(batch, m, n)));
            multiply(pair, a, b, null, Activation.NONE, y);
            pair.assertClose("batch", y, 4 + 4 * Math.sqrt(k));

            Twin shared = pair.random(Layout.rowMajor(Shape.of(1, k, n)));
            shared = shared.with(shared.vector().layout().expand(Shape.of(batch, k, n)));
            Twin bias = pair.random(Layout.rowMajor(Shape.of(n)));
            multiply(pair, a, shared, bias, Activation.RELU, y);
            pair.assertClose("shared right matrix", y, 4 + 4 * Math.sqrt(k));
        }
    }

    /** With many rows for each thread the tasks pack them, with few they do not; the second case has so many columns that a slice of terms is packed at a time. */
    @ParameterizedTest
    @CsvSource({"130, 290", "520, 1040"})
    void isBitIdenticalForAnyNumberOfThreads(int m, int n) {
        float[] expected = null;
        for (int threads : new int[] {1, 2, 3, 5}) {
            try (Pair pair = new Pair(threads)) {
                Twin a = pair.random(Layout.rowMajor(Shape.of(m, 515)));
                Twin b = pair.random(Layout.rowMajor(Shape.of(515, n)));
                Twin y = pair.empty(Layout.rowMajor(Shape.of(m, n)));
                pair.vector.matMul().multiply(a.vector(), b.vector(), null, Activation.NONE, y.vector());
                float[] actual = pair.read(y);
                expected = expected == null ? actual : expected;
                assertThat(actual).as("%d threads", threads).isEqualTo(expected);
            }
        }
    }

    /** So the bits depend neither on the number of lanes nor on the shape of a tile; products that underflow make sums of −0. */
    @ParameterizedTest
    @CsvSource({
        "3, 5, 1",
        "6, 16, 3",
        "8, 32, 4",
        "13, 35, 70",
        "23, 17, 514",
        "50, 70, 1029",
        "520, 18, 514",
        "520, 300, 5",
        "450, 2100, 3",
        "2500, 40, 3"
    })
    void eachResultIsOneChainOfFusedMultiplyAdds(int m, int n, int k) {
        try (Pair pair = new Pair(2)) {
            Twin y = pair.empty(Layout.rowMajor(Shape.of(m, n)));
            for (int order = 0; order < 4; order++) {
                for (float scale : new float[] {1, 1e-30f}) {
                    Twin a = random(pair, matrix(m, k, order % 2 == 1), scale);
                    Twin b = random(pair, matrix(k, n, order / 2 == 1), scale);
                    Twin bias = random(pair, Layout.rowMajor(Shape.of(n)), scale == 1 ? 1 : 0);
                    pair.vector.matMul().multiply(a.vector(), b.vector(), bias.vector(), Activation.NONE, y.vector());
                    assertThat(pair.read(y))
                            .as("order %d, scale %s", order, scale)
                            .isEqualTo(chains(pair.read(a), pair.read(b), pair.read(bias), m, n, k));
                }
            }
        }
    }

    /** Rows enough for the tasks to pack them; the second case has more columns than are packed at a time. */
    @ParameterizedTest
    @CsvSource({"450, 40, 515", "450, 2100, 5"})
    void aRightMatrixThatWasPackedBeforeChangesNoBit(int m, int n, int k) {
        try (Pair pair = new Pair(2)) {
            PackedWeights products = pair.vector.fusion(PackedWeights.class).orElseThrow();
            Twin a = pair.random(Layout.rowMajor(Shape.of(m, k)));
            Twin b = pair.random(Layout.rowMajor(Shape.of(k, n)));
            long size = products.form(a.vector().shape(), b.vector()).elements();
            Twin packed = pair.empty(Layout.rowMajor(Shape.of(Math.toIntExact(size))));
            Twin y = pair.empty(Layout.rowMajor(Shape.of(m, n)));
            pair.vector.matMul().multiply(a.vector(), b.vector(), null, Activation.NONE, y.vector());
            float[] expected = pair.read(y);
            Twin actual = pair.empty(Layout.rowMajor(Shape.of(m, n)));
            products.pack(b.vector(), packed.vector());
            products.multiply(a.vector(), b.vector(), packed.vector(), null, Activation.NONE, actual.vector());
            assertThat(pair.read(actual)).isEqualTo(expected);
        }
    }

    /** So many columns and terms that the tasks that pack their rows run for one slice of terms after the other. */
    @Test
    void theRectifierComesAfterTheLastTerm() {
        try (Pair pair = new Pair(2)) {
            Twin a = pair.random(Layout.rowMajor(Shape.of(450, 515)));
            Twin b = pair.random(Layout.rowMajor(Shape.of(515, 1040)));
            Twin y = pair.empty(Layout.rowMajor(Shape.of(450, 1040)));
            pair.vector.matMul().multiply(a.vector(), b.vector(), null, Activation.NONE, y.vector());
            float[] expected = pair.read(y);
            for (int i = 0; i < expected.length; i++) {
                expected[i] = Math.max(0, expected[i]);
            }
            pair.vector.matMul().multiply(a.vector(), b.vector(), null, Activation.RELU, y.vector());
            assertThat(pair.read(y)).isEqualTo(expected);
        }
    }

    /** Makes numbers of either sign; a scale of 0 makes zeros of either sign. */
    private static Twin random(Pair pair, Layout layout, float scale) {
        Twin twin = pair.empty(layout);
        Random random = new Random(layout.shape().elements());
        float[] values = new float[(int) twin.vector().buffer().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * (random.nextFloat() - 0.5f);
        }
        pair.fill(twin, values);
        return twin;
    }

    private static float[] chains(float[] a, float[] b, float[] bias, int m, int n, int k) {
        float[] result = new float[m * n];
        for (int i = 0; i < result.length; i++) {
            float sum = bias[i % n];
            for (int p = 0; p < k; p++) {
                sum = Math.fma(a[i / n * k + p], b[p * n + i % n], sum);
            }
            result[i] = sum;
        }
        return result;
    }

    @Test
    void keepsNaNThroughTheRectifier() {
        try (Pair pair = new Pair(1)) {
            Twin a = pair.random(Layout.rowMajor(Shape.of(2, 3)));
            Twin b = pair.random(Layout.rowMajor(Shape.of(3, 5)));
            pair.fill(a, new float[] {0, 0, 0, Float.NaN, 1, 1, 1, 1, 1});
            Twin y = pair.empty(Layout.rowMajor(Shape.of(2, 5)));
            multiply(pair, a, b, null, Activation.RELU, y);
            pair.assertClose("NaN", y, 4);
            assertThat(pair.read(y)[0]).isNaN();
        }
    }
}
