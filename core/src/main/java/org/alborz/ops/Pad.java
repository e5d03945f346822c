package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** Zeros with a tensor set into a range along an axis: padding, and the gradient of {@link Narrow}. */
public final class Pad implements Op {
    private final int axis;
    private final int start;
    private final int step;
    private final int length;

    private Pad(int axis, int start, int step, int length) {
        this.axis = axis;
        this.start = start;
        this.step = step;
        this.length = length;
    }

    /** Returns a tensor of {@code size} along an axis holding {@code x} at every {@code step}-th place from {@code start}. */
    public static Tensor apply(Tensor x, int axis, int start, int step, int size) {
        Operands.requireFloating("pad", x);
        int count = x.shape().size(axis);
        if (start < 0 || step < 1 || size < 0 || count > 0 && start + (count - 1L) * step >= size) {
            throw new IllegalArgumentException("pad expects " + count + " places inside the size " + size
                    + ", the first of at least 0 and a step of at least 1, got start " + start + ", step " + step
                    + " for axis " + axis + " of shape " + x.shape());
        }
        Tensor y = Operands.result(x, Layout.rowMajor(x.shape().with(axis, size)));
        y.fill(0);
        Tensor range = y.view(y.layout().narrow(axis, start, count, step), ViewAccess.GRANTED);
        x.session().backend().elementwise().copy(x, range);
        range.close();
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Pad(axis, start, step, count));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Narrow.apply(dy, axis, start, length, step));
    }
}
