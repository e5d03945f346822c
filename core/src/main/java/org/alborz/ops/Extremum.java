package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;

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
        call.floating(0);
        Reduction reduction = Reduction.of(call.shape(0), axes);
        for (int axis : reduction.axes()) {
            call.elements(0, axis);
        }
        call.result(reduction.shape(keepDims));
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
        Tensor isNumber = x.apply(BinaryOp.EQUAL, x);
        Tensor equals = x.apply(BinaryOp.EQUAL, inputs.result(0).reshape(reduction.kept()));
        Tensor isExtreme = Engine.apply(Where.INSTANCE, isNumber, equals, Full.like(x, 1));
        // Counted in the type of sums: 16 bits do not hold the number of ties.
        Tensor ties = isExtreme.to(x.dtype().accumulator()).sum(true, reduction.axes());
        Tensor share = dy.reshape(reduction.kept()).to(ties.dtype()).div(ties).to(dy.dtype());
        inputs.add(0, isExtreme.apply(BinaryOp.RELU_BACKWARD, share));
    }
}
