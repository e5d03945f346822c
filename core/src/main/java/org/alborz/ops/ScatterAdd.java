package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Slices added into zeros at given indices along an axis: adds {@code x[…, k, …]} to {@code y[…, indices[k], …]}. Inputs are x and indices,
 * int32 {@code [K]}.
 *
 * @param size of the axis in the result
 */
public record ScatterAdd(int axis, int size) implements Op {
    @Override
    public String name() {
        return "scatterAdd";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        Shape x = call.shape(0);
        int at = x.axis(axis);
        call.indices(1, size);
        if (x.size(at) != call.shape(1).size(0)) {
            throw new IllegalArgumentException("scatterAdd expects one index for each of " + x.size(at)
                    + " slices along axis " + axis + ", got " + call.describe(1));
        }
        if (size < 0) {
            throw new IllegalArgumentException("scatterAdd expects a size of at least 0, got " + size);
        }
        call.rowMajor(1);
        call.result(x.with(at, size));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.indexing().scatterAdd(call.shape(0).axis(axis), call.in(0), call.in(1), call.out(0));
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
        inputs.add(0, Engine.apply(new Gather(axis), dy, inputs.input(1)));
    }
}
