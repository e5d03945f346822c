package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Elements added into zeros at given places along an axis: adds {@code x[…, i, …]} to {@code y[…, indices[…, i, …], …]}, in an order that
 * depends on the indices alone. Inputs are x and indices of its shape, int32 or int64.
 *
 * @param size of the axis in the result
 */
public record ScatterAddAlongAxis(int axis, int size) implements Op {
    @Override
    public String name() {
        return "scatterAddAlongAxis";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        if (size < 0) {
            throw new IllegalArgumentException("scatterAddAlongAxis expects a size of at least 0, got " + size);
        }
        Shape x = call.shape(0);
        int at = x.axis(axis);
        call.indices(1, size);
        if (!call.shape(1).equals(x)) {
            throw new IllegalArgumentException("scatterAddAlongAxis expects an index for each element, got x "
                    + call.describe(0) + " and indices " + call.describe(1));
        }
        call.rowMajor(0);
        call.result(x.with(at, size));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.indexing().scatterAddAlongAxis(call.shape(0).axis(axis), call.in(0), call.in(1), call.out(0));
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
        inputs.add(0, Engine.apply(new TakeAlongAxis(axis), dy, inputs.input(1)));
    }
}
