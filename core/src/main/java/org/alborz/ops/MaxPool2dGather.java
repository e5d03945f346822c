package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;

/**
 * The gradient of {@link MaxPool2dBackward}: the elements of its third input, shaped as the first, at the places of the maxima; the first
 * two are what was pooled and the result.
 */
public record MaxPool2dGather(Pool2dParameters p) implements Op {
    @Override
    public void infer(Call call) {
        PoolingInput.require(call);
        call.alike(0, 1);
        call.alike(0, 2);
        MaxPool2dOp.requirePooled(call, 1, call.shape(0), p);
        if (!call.shape(2).equals(call.shape(0))) {
            throw new IllegalArgumentException(
                    name() + " expects elements of shape " + call.shape(0) + ", got " + call.describe(2));
        }
        call.channelsLast(0);
        call.channelsLast(1);
        call.channelsLast(2);
        call.result(Layout.channelsLast(call.shape(1)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.pooling().maxGather(p, call.in(0), call.in(1), call.in(2), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.input(1);
    }

    @Override
    public boolean differentiable(int input) {
        return input == 2;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(2, Engine.apply(new MaxPool2dBackward(p), inputs.input(0), inputs.input(1), dy));
    }
}
