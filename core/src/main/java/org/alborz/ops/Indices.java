package org.alborz.ops;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Operations that make or read indices and have no gradient. */
public final class Indices {
    private Indices() {}

    /** Returns the index of the largest element along an axis, int32, without that axis. */
    public static Tensor argMax(Tensor x, int axis) {
        Operands.requireFloating("argMax", x);
        int at = x.shape().axis(axis);
        Operands.requireElements("argMax", x, at);
        Tensor kept = x.session().empty(DType.INT32, Layout.rowMajor(x.shape().with(at, 1)));
        x.session().backend().reductions().argMax(at, x, kept);
        Tensor indices = kept.view(Layout.rowMajor(x.shape().remove(at)), ViewAccess.GRANTED);
        kept.close();
        return indices;
    }

    /** Returns {@code [K, classes]} with 1 at each index of {@code [K]} and 0 elsewhere. */
    public static Tensor oneHot(Tensor indices, int classes, DType dtype) {
        Operands.requireIndices("oneHot", indices);
        if (classes < 0) {
            throw new IllegalArgumentException("oneHot expects a number of classes of at least 0, got " + classes);
        }
        Operands.requireAny("oneHot", indices, classes);
        indices.session().backend().refuses(dtype).ifPresent(reason -> {
            throw new IllegalArgumentException("oneHot of " + dtype + " is not possible: " + reason);
        });
        Tensor y = indices.session()
                .empty(dtype, Layout.rowMajor(Shape.of(indices.shape().size(0), classes)));
        Tensor contiguous = Operands.rowMajor(indices);
        indices.session().backend().indexing().oneHot(contiguous, y);
        Operands.closeCopy(contiguous, indices);
        return y;
    }
}
