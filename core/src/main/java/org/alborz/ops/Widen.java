package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** Zeros with a tensor set into a range along an axis: padding, and the gradient of {@link Narrow}. */
public final class Widen implements Op {
    private final int axis;
    private final int start;
    private final int step;
    private final int length;

    private Widen(int axis, int start, int step, int length) {
        this.axis = axis;
        this.start = start;
        this.step = step;
        this.length = length;
    }

    /** Returns a tensor of {@code size} along an axis holding {@code x} at every {@code step}-th place from {@code start}. */
    public static Tensor apply(Tensor x, int axis, int start, int step, int size) {
        Operands.requireFloating("widen", x);
        Tensor y = Operands.result(x, Layout.rowMajor(x.shape().with(axis, size)));
        y.fill(0);
        Tensor range = y.view(y.layout().narrow(axis, start, x.shape().size(axis), step));
        x.session().backend().elementwise().copy(x, range);
        range.close();
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Widen(axis, start, step, x.shape().size(axis)));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Narrow.apply(dy, axis, start, length, step));
    }
}
