package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;

/** Computes min(max(x, 0), 6); the gradient is 0 where the result is 0 or 6. */
public record Relu6() implements Op {
    private static final Relu6 INSTANCE = new Relu6();

    /** Computes it of each element of a tensor of a floating-point type. */
    public static Tensor apply(Tensor x) {
        return Engine.apply(INSTANCE, x);
    }

    @Override
    public String name() {
        return "relu6";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        call.result(Layouts.dense(call.layout(0)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().clamp(0, ActivationGradient.SIX, call.in(0), call.out(0));
    }

    @Override
    public int saves() {
        return Op.result(0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.give(0, ActivationGradient.of(Activation.RELU6, inputs.result(0), dy));
    }
}
