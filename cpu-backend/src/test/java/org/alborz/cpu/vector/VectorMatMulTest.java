package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

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
    @CsvSource({"1, 3, 4, 5", "5, 7, 33, 9", "3, 140, 130, 129", "0, 2, 2, 2"})
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

    @Test
    void isBitIdenticalForAnyNumberOfThreads() {
        float[] expected = null;
        for (int threads : new int[] {1, 2, 3, 5}) {
            try (Pair pair = new Pair(threads)) {
                Twin a = pair.random(Layout.rowMajor(Shape.of(130, 515)));
                Twin b = pair.random(Layout.rowMajor(Shape.of(515, 290)));
                Twin y = pair.empty(Layout.rowMajor(Shape.of(130, 290)));
                pair.vector.matMul().multiply(a.vector(), b.vector(), null, Activation.NONE, y.vector());
                float[] actual = pair.read(y);
                expected = expected == null ? actual : expected;
                assertThat(actual).as("%d threads", threads).isEqualTo(expected);
            }
        }
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
