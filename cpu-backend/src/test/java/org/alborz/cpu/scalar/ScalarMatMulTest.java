package org.alborz.cpu.scalar;

import static org.alborz.cpu.scalar.Tensor.vector;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

class ScalarMatMulTest {
    private final ScalarMatMul matMul = new ScalarMatMul();

    @FloatingTypes
    void multipliesByHand(DType dtype) {
        Tensor a = Tensor.of(dtype, Layout.rowMajor(Shape.of(2, 3)), 1, 2, 3, 4, 5, 6);
        Tensor b = Tensor.of(dtype, Layout.rowMajor(Shape.of(3, 2)), 1, -1, 0, 2, -3, 1);
        Tensor y = Tensor.undefined(dtype, Layout.rowMajor(Shape.of(2, 2)).shift(5));
        matMul.multiply(a, b, null, Activation.NONE, y);
        y.assertValues(-8, 6, -14, 12);
        matMul.multiply(a, b, vector(dtype, 10, -10), Activation.NONE, y);
        y.assertValues(2, -4, -4, 2);
        matMul.multiply(a, b, vector(dtype, 10, -10), Activation.RELU, y);
        y.assertValues(2, 0, 0, 2);
    }

    @FloatingTypes
    void takesTransposesSlicesAndBatches(DType dtype) {
        Random random = new Random(1);
        Layout a = Layout.rowMajor(Shape.of(3, 5, 4)).transpose(1, 2);
        Layout b = Layout.rowMajor(Shape.of(3, 8, 6)).narrow(1, 2, 5, 1);
        check(Tensor.random(dtype, a, random), Tensor.random(dtype, b, random));
        Layout shared = Layout.rowMajor(Shape.of(1, 6, 5)).transpose(1, 2).expand(Shape.of(3, 5, 6));
        check(Tensor.random(dtype, a, random), Tensor.random(dtype, shared, random));
        check(
                Tensor.random(dtype, Layout.rowMajor(Shape.of(7, 3)).transpose(0, 1), random),
                Tensor.random(dtype, Layout.rowMajor(Shape.of(7, 2)), random));
    }

    /** Compares with the sum of products, element by element. */
    private void check(Tensor a, Tensor b) {
        boolean batched = a.shape().rank() == 3;
        int batches = batched ? a.shape().size(0) : 1;
        int rows = a.shape().size(-2);
        int columns = b.shape().size(-1);
        Tensor y = batched
                ? Tensor.undefined(a.dtype(), batches, rows, columns)
                : Tensor.undefined(a.dtype(), rows, columns);
        matMul.multiply(a, b, null, Activation.NONE, y);
        double[] expected = new double[batches * rows * columns];
        for (int i = 0; i < expected.length; i++) {
            int batch = i / (rows * columns);
            int m = i / columns % rows;
            int n = i % columns;
            for (int k = 0; k < a.shape().size(-1); k++) {
                expected[i] += batched ? a.get(batch, m, k) * b.get(batch, k, n) : a.get(m, k) * b.get(k, n);
            }
        }
        y.assertClose(expected, 1e-6);
    }

    @FloatingTypes
    void anEmptySumIsZeroAndAnEmptyResultNothing(DType dtype) {
        Tensor y = Tensor.undefined(dtype, 2, 3);
        matMul.multiply(
                Tensor.undefined(dtype, 2, 0),
                Tensor.undefined(dtype, 0, 3),
                vector(dtype, 1, 2, 3),
                Activation.NONE,
                y);
        y.assertValues(1, 2, 3, 1, 2, 3);
        Tensor none = Tensor.undefined(dtype, 0, 3);
        matMul.multiply(
                Tensor.undefined(dtype, 0, 2),
                Tensor.of(dtype, Layout.rowMajor(Shape.of(2, 3)), new double[6]),
                null,
                Activation.NONE,
                none);
        assertThat(none.buffer().get(0)).isNaN();
    }

    @FloatingTypes
    void carriesNaNThroughAZeroAndThroughTheRectifier(DType dtype) {
        Tensor y = Tensor.undefined(dtype, 1, 1);
        Tensor zero = Tensor.of(dtype, Layout.rowMajor(Shape.of(1, 1)), 0);
        Tensor nan = Tensor.of(dtype, Layout.rowMajor(Shape.of(1, 1)), Double.NaN);
        matMul.multiply(zero, nan, null, Activation.RELU, y);
        y.assertValues(Double.NaN);
    }
}
