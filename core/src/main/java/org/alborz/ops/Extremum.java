package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Comparison;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * The largest or the smallest element along some axes, none of which is empty; along no axis, a copy. Equal extremes share the gradient
 * evenly, and so do NaNs.
 *
 * @param op {@link ReduceOp#MAX} or {@link ReduceOp#MIN}
 * @param keepDims whether the axes stay, with size 1
 */
public record Extremum(ReduceOp op, boolean keepDims, IntTuple axes) implements Op {
    public Extremum {
        if (op != ReduceOp.MAX && op != ReduceOp.MIN) {
            throw new IllegalArgumentException("Extremum expects MAX or MIN, got " + op + "; use Sum or Mean");
        }
    }

    @Override
    public String name() {
        return op == ReduceOp.MAX ? "max" : "min";
    }

    @Override
    public void infer(Call call) {
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

    @Override
    public void compute(Backend backend, Call call) {
        Reduction.of(call.shape(0), axes).compute(op, backend, call, keepDims);
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.result(0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
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
