package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Comparison;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * The nearest number of an interval, of each element of a floating-point type; NaN stays NaN, and the gradient is 0 outside.
 *
 * @param least the lower bound, rounded to float32 unless the tensor is of float64, as is the upper one
 * @param most the upper bound, not below the lower one
 */
public record Clamp(double least, double most) implements Op {
    @Override
    public String name() {
        return "clamp";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        call.result(Layouts.dense(call.layout(0)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        boolean isDouble = call.dtype(0) == DType.FLOAT64;
        backend.elementwise()
                .clamp(isDouble ? least : (float) least, isDouble ? most : (float) most, call.in(0), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.result(0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor isInside = inputs.input(0).apply(Comparison.EQUAL, inputs.result(0));
        inputs.give(0, Where.apply(isInside, dy, Full.like(dy, 0)));
    }
}
