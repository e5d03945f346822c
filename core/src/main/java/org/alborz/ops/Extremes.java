package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Comparison;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** What {@link Amax} and {@link Amin} share. */
final class Extremes {
    private Extremes() {}

    static void infer(Call call, boolean keepDims, IntTuple axes) {
        requireOrdered(call);
        Reduction reduction = Reduction.of(call.shape(0), axes);
        for (int axis : reduction.axes()) {
            call.elements(0, axis);
        }
        call.result(reduction.shape(keepDims));
    }

    private static void requireOrdered(Call call) {
        if (call.dtype(0) == DType.BOOL) {
            throw new IllegalArgumentException("max and min are not defined for " + call.describe(0)
                    + "; any and all tell whether some or all are true");
        }
    }

    static void gradient(Tensor dy, GradientSink inputs, IntTuple axes) {
        Tensor x = inputs.input(0);
        Reduction reduction = Reduction.of(x.shape(), axes);
        Tensor equals = x.apply(Comparison.EQUAL, inputs.result(0).reshape(reduction.kept()));
        Tensor isExtreme = equals.or(x.isNaN());
        // Counted in the type of sums: 16 bits do not hold the number of ties.
        Tensor ties = isExtreme.to(x.dtype().accumulator()).sum(true, reduction.axes());
        Tensor share = dy.reshape(reduction.kept()).to(ties.dtype()).div(ties).to(dy.dtype());
        inputs.add(0, Where.apply(isExtreme, share, Full.like(share, 0)));
    }
}
