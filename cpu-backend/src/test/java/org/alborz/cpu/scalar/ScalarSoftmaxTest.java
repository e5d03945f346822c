package org.alborz.cpu.scalar;

import static org.alborz.cpu.scalar.Tensor.vector;
import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

class ScalarSoftmaxTest {
    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private final ScalarSoftmax softmax = new ScalarSoftmax();

    @FloatingTypes
    void worksRowByRow(DType dtype) {
        // exp(0), exp(ln 3) and large numbers of the same difference.
        double ln3 = Math.log(3);
        Tensor x = Tensor.of(DType.FLOAT64, Layout.rowMajor(Shape.of(2, 1, 2)), 0, ln3, 1000, 1000 + ln3);
        Tensor y = Tensor.undefined(dtype, Layout.rowMajor(Shape.of(2, 1, 2)).shift(1));
        softmax.softmax(x, y);
        y.assertClose(new double[] {0.25, 0.75, 0.25, 0.75}, 1e-7);
        softmax.logSoftmax(x, y);
        y.assertClose(
                new double[] {-2 * Math.log(2), ln3 - 2 * Math.log(2), -2 * Math.log(2), ln3 - 2 * Math.log(2)}, 2e-7);
    }

    @FloatingTypes
    void knowsInfinityAndNaN(DType dtype) {
        Tensor y = Tensor.undefined(dtype, 2);
        softmax.softmax(vector(dtype, -INFINITY, 3), y);
        y.assertValues(0, 1);
        softmax.logSoftmax(vector(dtype, -INFINITY, 3), y);
        y.assertValues(-INFINITY, 0);
        softmax.softmax(vector(dtype, NAN, 3), y);
        y.assertValues(NAN, NAN);
        softmax.logSoftmax(vector(dtype, 1, NAN), y);
        y.assertValues(NAN, NAN);
    }

    @FloatingTypes
    void doesNothingToNothing(DType dtype) {
        for (Tensor empty : new Tensor[] {Tensor.undefined(dtype, 0, 3), Tensor.undefined(dtype, 3, 0)}) {
            softmax.softmax(empty, empty);
            softmax.logSoftmax(empty, empty);
            assertThat(empty.buffer().get(0)).isNaN();
        }
    }
}
