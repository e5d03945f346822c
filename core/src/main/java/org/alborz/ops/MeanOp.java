package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;

/**
 * The mean along some axes, rounded once; NaN of no elements, and a copy along no axis.
 *
 * @param keepDims whether the axes stay, with size 1
 */
public record MeanOp(boolean keepDims, IntTuple axes) implements Op {
    @Override
    public String name() {
        return "mean";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        call.result(Reduction.of(call.shape(0), axes).shape(keepDims));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Reduction.of(call.shape(0), axes).compute(ReduceOp.MEAN, backend, call, keepDims);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Reduction reduction = Reduction.of(inputs.shape(0), axes);
        inputs.add(0, reduction.spread(dy.mul(1 / reduction.count())));
    }
}
