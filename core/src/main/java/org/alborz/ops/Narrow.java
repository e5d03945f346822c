package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;

/** {@code length} elements along an axis from {@code start}, each {@code step}-th, as a view. */
public record Narrow(int axis, int start, int length, int step) implements Op {
    @Override
    public String name() {
        return "narrow";
    }

    @Override
    public void infer(Call call) {
        call.view(0, call.layout(0).narrow(axis, start, length, step));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Engine.apply(new Pad(axis, start, step, inputs.shape(0).size(axis)), dy));
    }
}
