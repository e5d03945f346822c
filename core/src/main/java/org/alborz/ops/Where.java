package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Chooses element by element: {@code condition ≠ 0 ? a : b}. All three inputs broadcast; the condition has no gradient. */
public record Where() implements Op {
    /** The operation; it has no settings. */
    public static final Where INSTANCE = new Where();

    @Override
    public String name() {
        return "where";
    }

    @Override
    public void infer(Call call) {
        call.alike(1, 2);
        call.alike(0, 1);
        Shape shape = Shape.broadcast(call.shape(0), Shape.broadcast(call.shape(1), call.shape(2)));
        call.result(Layouts.dense(shape, call.layout(1), call.layout(2)));
        for (int i = 0; i < 3; i++) {
            call.broadcast(i, shape);
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().where(call.in(0), call.in(1), call.in(2), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(0);
    }

    @Override
    public boolean differentiable(int input) {
        return input > 0;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor condition = inputs.input(0);
        Tensor zero = Full.like(dy, 0);
        if (inputs.wants(1)) {
            inputs.add(1, Reduction.sumTo(Engine.apply(INSTANCE, condition, dy, zero), inputs.shape(1)));
        }
        if (inputs.wants(2)) {
            inputs.add(2, Reduction.sumTo(Engine.apply(INSTANCE, condition, zero, dy), inputs.shape(2)));
        }
    }
}
