package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Elements at given places along an axis: {@code y[…, i, …] = x[…, indices[…, i, …], …]}. Inputs are x, of any type, and indices, int32 or
 * int64, of x's shape but for the axis.
 */
public record TakeAlongAxis(int axis) implements Op {
    @Override
    public String name() {
        return "takeAlongAxis";
    }

    @Override
    public void infer(Call call) {
        Shape x = call.shape(0);
        int at = x.axis(axis);
        call.indices(1, x.size(at));
        IndexedAxes.requireAlong(call, at, 0, 1);
        call.result(call.shape(1));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.indexing().takeAlongAxis(call.shape(0).axis(axis), call.in(0), call.in(1), call.out(0));
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
        int at = inputs.shape(0).axis(axis);
        inputs.add(0, Engine.apply(new ScatterAddAlongAxis(at, inputs.shape(0).size(at)), dy, inputs.input(1)));
    }
}
