package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Repeats axes of size 1 and adds axes in front, up to a shape, as a view. */
public record Expand(Shape to) implements Op {
    @Override
    public String name() {
        return "expand";
    }

    @Override
    public void infer(Call call) {
        call.view(0, call.layout(0).expand(to));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Reduction.sumTo(dy, inputs.shape(0)));
    }
}
