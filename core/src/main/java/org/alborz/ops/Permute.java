package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;

/** The same elements with axis {@code axes[i]} as axis i, as a view. */
public record Permute(IntTuple axes) implements Op {
    @Override
    public String name() {
        return "permute";
    }

    @Override
    public void infer(Call call) {
        call.view(0, call.layout(0).permute(axes.array()));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        int[] inverse = new int[axes.size()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[dy.shape().axis(axes.get(i))] = i;
        }
        inputs.add(0, dy.permute(inverse));
    }
}
