package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;

/**
 * The sum along some axes; 0 of no elements, and a copy along no axis.
 *
 * @param keepDims whether the axes stay, with size 1
 */
public record Sum(boolean keepDims, IntTuple axes) implements Op {
    @Override
    public String name() {
        return "sum";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        call.result(Reduction.of(call.shape(0), axes).shape(keepDims));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Reduction.of(call.shape(0), axes).compute(ReduceOp.SUM, backend, call, keepDims);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Reduction.of(inputs.shape(0), axes).spread(dy));
    }
}
