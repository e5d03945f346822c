package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Chooses element by element: {@code condition ? a : b}. The condition is bool and has no gradient; all three inputs broadcast. */
public record Where() implements Op {
    /** The operation; it has no settings. */
    public static final Where INSTANCE = new Where();

    /** Chooses {@code a} where the condition is true, and {@code b} elsewhere. */
    public static Tensor apply(Tensor condition, Tensor a, Tensor b) {
        return Engine.apply(INSTANCE, condition, a, b);
    }

    @Override
    public String name() {
        return "where";
    }

    @Override
    public void infer(Call call) {
        call.bool(0);
        call.sameType(1, 2);
        Shape shape = Shape.broadcast(call.shape(0), Shape.broadcast(call.shape(1), call.shape(2)));
        call.result(call.dtype(1), Layouts.dense(shape, call.layout(1), call.layout(2)));
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
        if (inputs.needs(1)) {
            inputs.add(1, Reduction.sumTo(apply(condition, dy, zero), inputs.shape(1)));
        }
        if (inputs.needs(2)) {
            inputs.add(2, Reduction.sumTo(apply(condition, zero, dy), inputs.shape(2)));
        }
    }
}
