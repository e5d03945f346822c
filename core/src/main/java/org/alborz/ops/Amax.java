package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;

/**
 * The largest element along some axes, none of which is empty; along no axis, a copy. Equal elements share the gradient evenly, and so
 * do NaNs.
 *
 * @param keepDims whether the axes stay, with size 1
 */
public record Amax(boolean keepDims, IntTuple axes) implements Op {
    @Override
    public String name() {
        return "max";
    }

    @Override
    public void infer(Call call) {
        Extremes.infer(call, keepDims, axes);
    }

    @Override
    public void compute(Backend backend, Call call) {
        Reduction.of(call.shape(0), axes).compute(ReduceOp.MAX, backend, call, keepDims);
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.result(0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Extremes.gradient(dy, inputs, axes);
    }
}
