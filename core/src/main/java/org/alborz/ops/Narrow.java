package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;

/** Every {@code step}-th element of a range along an axis, as a view. */
public final class Narrow implements Op {
    private final int axis;
    private final int start;
    private final int step;
    private final int size;

    private Narrow(int axis, int start, int step, int size) {
        this.axis = axis;
        this.start = start;
        this.step = step;
        this.size = size;
    }

    /** Returns {@code length} elements along an axis, from {@code start}. */
    public static Tensor apply(Tensor x, int axis, int start, int length, int step) {
        Tensor y = x.view(x.layout().narrow(axis, start, length, step), ViewAccess.GRANTED);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Narrow(axis, start, step, x.shape().size(axis)));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Pad.apply(dy, axis, start, step, size));
    }
}
