package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;

/** The same elements with the axes in another order, as a view. */
public final class Permute implements Op {
    private final int[] axes;

    private Permute(int[] axes) {
        this.axes = axes;
    }

    /** Returns the view whose axis {@code i} is axis {@code axes[i]} of {@code x}. */
    public static Tensor apply(Tensor x, int... axes) {
        Tensor y = x.view(x.layout().permute(axes), ViewAccess.GRANTED);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Permute(axes.clone()));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        int[] inverse = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            inverse[dy.shape().axis(axes[i])] = i;
        }
        inputs.add(0, apply(dy, inverse));
    }
}
