package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The slices at given indices along an axis: {@code y[…, k, …] = x[…, indices[k], …]}. Inputs are x and indices, int32 {@code [K]}.
 */
public record Gather(int axis) implements Op {
    @Override
    public String name() {
        return "gather";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        Shape x = call.shape(0);
        int at = x.axis(axis);
        call.indices(1, x.size(at));
        call.rowMajor(1);
        call.result(x.with(at, call.shape(1).size(0)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.indexing().gather(call.shape(0).axis(axis), call.in(0), call.in(1), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(1);
    }

    @Override
    public boolean differentiable(int input) {
        return input == 0;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Engine.apply(new ScatterAdd(axis, inputs.shape(0).size(axis)), dy, inputs.input(1)));
    }
}
