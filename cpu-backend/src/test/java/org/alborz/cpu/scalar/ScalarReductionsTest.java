package org.alborz.cpu.scalar;

import static org.alborz.cpu.scalar.Tensor.vector;

import java.util.Arrays;
import org.alborz.backend.ReduceOp;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

class ScalarReductionsTest {
    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private final ScalarReductions reductions = new ScalarReductions();

    private Tensor reduce(ReduceOp op, Tensor x, int... sizes) {
        Tensor y = Tensor.undefined(x.dtype(), sizes);
        reductions.reduce(op, x, y);
        return y;
    }

    @FloatingTypes
    void reducesAlongTheAxesOfSizeOne(DType dtype) {
        Tensor x = Tensor.of(dtype, Layout.rowMajor(Shape.of(2, 3)), 1, -2, 3, 4, 5, -6);
        reduce(ReduceOp.SUM, x, 1, 3).assertValues(5, 3, -3);
        reduce(ReduceOp.SUM, x, 2, 1).assertValues(2, 3);
        reduce(ReduceOp.SUM, x, 1, 1).assertValues(5);
        reduce(ReduceOp.SUM, x, 2, 3).assertValues(1, -2, 3, 4, 5, -6);
        reduce(ReduceOp.MAX, x, 1, 3).assertValues(4, 5, 3);
        reduce(ReduceOp.MAX, x, 2, 1).assertValues(3, 5);
        reduce(ReduceOp.MIN, x, 1, 3).assertValues(1, -2, -6);
    }

    @FloatingTypes
    void readsAnyStridesAndWritesThem(DType dtype) {
        Shape shape = Shape.of(2, 3, 2, 2);
        double[] values = new double[24];
        Arrays.setAll(values, i -> i);
        Tensor x = Tensor.of(dtype, Layout.channelsLast(shape), values);
        reduce(ReduceOp.SUM, x, 1, 3, 1, 1).assertValues(60, 92, 124);
        Tensor transposed = x.view(x.layout().transpose(0, 1));
        Tensor y = Tensor.undefined(dtype, Layout.of(Shape.of(3, 1, 1, 1), new long[] {2, 1, 1, 1}, 1));
        reductions.reduce(ReduceOp.SUM, transposed, y);
        y.assertValues(60, 92, 124);
        Tensor one = vector(dtype, 2);
        Tensor repeated = one.view(one.layout().expand(Shape.of(5000)));
        reduce(ReduceOp.SUM, repeated, 1).assertValues(10000);
    }

    @FloatingTypes
    void reducesAScalarAndNothing(DType dtype) {
        Tensor scalar = Tensor.of(dtype, Layout.rowMajor(Shape.scalar()), 3);
        Tensor y = Tensor.undefined(dtype);
        reductions.reduce(ReduceOp.MAX, scalar, y);
        y.assertValues(3);
        Tensor empty = Tensor.undefined(dtype, 2, 0);
        reduce(ReduceOp.SUM, empty, 2, 1).assertValues(0, 0);
        reduce(ReduceOp.MAX, empty, 2, 1).assertValues(-INFINITY, -INFINITY);
        reduce(ReduceOp.MIN, empty, 1, 1).assertValues(INFINITY);
        reduce(ReduceOp.SUM, empty, 1, 0).assertValues();
    }

    @FloatingTypes
    void keepsNaN(DType dtype) {
        Tensor x = vector(dtype, 1, NAN, 3);
        reduce(ReduceOp.SUM, x, 1).assertValues(NAN);
        reduce(ReduceOp.MAX, x, 1).assertValues(NAN);
        reduce(ReduceOp.MIN, x, 1).assertValues(NAN);
    }

    @FloatingTypes
    void argMaxTakesTheFirstOfEqualsAndTheFirstNaN(DType dtype) {
        Tensor x = Tensor.of(dtype, Layout.rowMajor(Shape.of(4, 3)), new double[] {
            1, 3, 3, NAN, 5, NAN, 2, NAN, 9, -INFINITY, -INFINITY, -INFINITY
        });
        Tensor indices = Tensor.undefined(DType.INT32, 4, 1);
        reductions.argMax(1, x, indices);
        indices.assertValues(1, 0, 1, 0);
        Tensor transposed = x.view(x.layout().transpose(0, 1));
        Tensor across = Tensor.undefined(DType.INT32, 1, 4);
        reductions.argMax(-2, transposed, across);
        across.assertValues(1, 0, 1, 0);
        Tensor empty = Tensor.undefined(dtype, 0, 3);
        Tensor none = Tensor.undefined(DType.INT32, 0, 1);
        reductions.argMax(1, empty, none);
        none.assertValues();
    }
}
