package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;

/**
 * Softmax over the last axis, {@code exp(x) / Σ exp(x)}, or its logarithm.
 *
 * @param log whether the logarithm is taken
 */
public record SoftmaxOp(boolean log) implements Op {
    @Override
    public String name() {
        return "softmax";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        if (call.shape(0).rank() == 0) {
            throw new IllegalArgumentException("softmax expects at least one axis, got a scalar");
        }
        call.rowMajor(0);
        call.result(call.shape(0));
    }

    @Override
    public void compute(Backend backend, Call call) {
        if (log) {
            backend.softmax().logSoftmax(call.in(0), call.out(0));
        } else {
            backend.softmax().softmax(call.in(0), call.out(0));
        }
    }

    @Override
    public int saves() {
        return Op.result(0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor y = inputs.result(0);
        if (log) {
            inputs.add(0, dy.sub(y.exp().mul(dy.sum(true, -1))));
        } else {
            Tensor weighted = dy.mul(y);
            inputs.add(0, weighted.sub(y.mul(weighted.sum(true, -1))));
        }
    }
}
