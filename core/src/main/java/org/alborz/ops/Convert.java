package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** The same numbers in another data type or another order in memory. */
public final class Convert implements Op {
    private final DType from;

    private Convert(DType from) {
        this.from = from;
    }

    /** Returns {@code x} itself where type and order are already as asked, else a dense copy in the order of {@code layout}. */
    public static Tensor apply(Tensor x, DType dtype, Layout layout) {
        if (!layout.shape().equals(x.shape())) {
            throw new IllegalArgumentException("to(layout) expects a layout of shape " + x.shape() + ", got " + layout);
        }
        if (x.dtype() == dtype && x.layout().sameOrder(layout)) {
            return x;
        }
        x.session().backend().refuses(dtype).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "Conversion of " + x.describe() + " to " + dtype + " is not possible: " + reason);
        });
        return convert(x, dtype, layout);
    }

    /** Returns a dense copy in memory of its own, in the order of {@code layout} where that is dense. */
    public static Tensor copy(Tensor x, Layout layout) {
        if (!layout.shape().equals(x.shape())) {
            throw new IllegalArgumentException("copy expects a layout of shape " + x.shape() + ", got " + layout);
        }
        return convert(x, x.dtype(), layout);
    }

    private static Tensor convert(Tensor x, DType dtype, Layout layout) {
        Layout dense = layout.isDense() ? layout.compact() : Layout.rowMajor(x.shape());
        Tensor y = x.session().empty(dtype, dense);
        x.session().backend().elementwise().copy(x, y);
        Node node = dtype.isFloating() ? Node.record(y, x) : null;
        if (node != null) {
            node.complete(new Convert(x.dtype()));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, dy.to(from));
    }
}
