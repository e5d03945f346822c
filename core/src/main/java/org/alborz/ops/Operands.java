package org.alborz.ops;

import java.util.Arrays;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** What every operation does with its operands before it calls the backend. */
final class Operands {
    private Operands() {}

    /** Refuses operands of two sessions or of two types, and types without arithmetic. */
    static void requireAlike(String op, Tensor a, Tensor b) {
        requireTensor(op, a);
        requireTensor(op, b);
        if (a.session() != b.session()) {
            throw mixed(op, a, b);
        }
        if (a.dtype() != b.dtype()) {
            throw new IllegalArgumentException(op + " expects one data type, got " + a.describe() + " and "
                    + b.describe() + "; convert one with to(DType)");
        }
        requireFloating(op, a);
    }

    private static IllegalArgumentException mixed(String op, Tensor a, Tensor b) {
        return new IllegalArgumentException(op + " mixes tensors of two sessions, "
                + a.session().backend().name() + " and "
                + b.session().backend().name() + "; make both in one session");
    }

    private static void requireTensor(String op, Tensor x) {
        if (x == null) {
            throw new IllegalArgumentException(op + " expects a tensor, got null");
        }
    }

    static void requireFloating(String op, Tensor x) {
        requireTensor(op, x);
        if (!x.dtype().isFloating()) {
            throw new IllegalArgumentException(op + " expects a floating tensor, got " + x.describe());
        }
    }

    static void requireRank(String op, String argument, Tensor x, int rank, String expected) {
        if (x.shape().rank() != rank) {
            throw new IllegalArgumentException(op + " expects " + argument + " " + expected + ", got " + x.describe());
        }
    }

    /** Refuses an operation along an axis that has no elements, where it is not defined. */
    static void requireElements(String op, Tensor x, int axis) {
        if (x.shape().size(axis) == 0) {
            throw new IllegalArgumentException(op + " along axis " + axis + " of no elements is not defined; got "
                    + x.describe() + "; leave out empty tensors");
        }
    }

    /** Refuses indices of another session than a tensor's, of another type than int32, or of another rank than 1. */
    static void requireIndices(String op, Tensor x, Tensor indices) {
        requireTensor(op, indices);
        if (x.session() != indices.session()) {
            throw mixed(op, x, indices);
        }
        requireIndices(op, indices);
    }

    static void requireIndices(String op, Tensor indices) {
        requireTensor(op, indices);
        if (indices.dtype() != DType.INT32 || indices.shape().rank() != 1) {
            throw new IllegalArgumentException(op + " expects indices int32 [K], got " + indices.describe());
        }
    }

    /** Refuses indices along an axis without elements, where none is valid. */
    static void requireAny(String op, Tensor indices, int size) {
        if (size == 0 && indices.shape().elements() > 0) {
            throw new IllegalArgumentException(op + " expects no indices along an axis of size 0, got "
                    + indices.describe() + "; indices lie in [0, size)");
        }
    }

    /** Returns a new tensor of the same type as another. */
    static Tensor result(Tensor like, Layout layout) {
        return like.session().empty(like.dtype(), layout);
    }

    static Tensor result(Tensor like, Shape shape) {
        return result(like, Layout.rowMajor(shape));
    }

    /** Returns a number as a tensor of the same type as another, which broadcasts to any shape. */
    static Tensor scalar(Tensor like, double value) {
        return result(like, Shape.scalar()).fill(value);
    }

    /** Returns the layout for a result of {@code x}'s shape: its own order where it is dense, row-major otherwise. */
    static Layout dense(Tensor x) {
        return x.layout().isDense() ? x.layout().compact() : Layout.rowMajor(x.shape());
    }

    /** Returns the layout for a result that two operands broadcast to: the order of the first dense one of that shape. */
    static Layout dense(Shape shape, Tensor a, Tensor b) {
        if (a.layout().isDense() && a.shape().equals(shape)) {
            return a.layout().compact();
        }
        if (b.layout().isDense() && b.shape().equals(shape)) {
            return b.layout().compact();
        }
        return Layout.rowMajor(shape);
    }

    /** Returns the tensor itself where it is dense and row-major, or an unrecorded copy that is. */
    static Tensor rowMajor(Tensor x) {
        return x.layout().isRowMajor() ? x : copy(x, Layout.rowMajor(x.shape()));
    }

    /** Returns the tensor itself where it is dense and channels-last, or an unrecorded copy that is. */
    static Tensor channelsLast(Tensor x) {
        return x.layout().isChannelsLast() ? x : copy(x, Layout.channelsLast(x.shape()));
    }

    /** Returns the tensor itself where it is dense in filter order, or an unrecorded copy that is. */
    static Tensor filter(Tensor w) {
        return w.layout().isFilter() ? w : copy(w, Layout.filter(w.shape()));
    }

    /** Returns an unrecorded copy in the given layout. */
    static Tensor copy(Tensor x, Layout layout) {
        Tensor copy = result(x, layout);
        x.session().backend().elementwise().copy(x, copy);
        return copy;
    }

    /** Closes a copy that was made of {@code original}, unless it is the original itself. */
    static void closeCopy(Tensor copy, Tensor original) {
        if (copy != original) {
            copy.close();
        }
    }

    /** Sums a gradient over the axes along which an operand of the given shape was broadcast. */
    static Tensor sumTo(Tensor gradient, Shape shape) {
        if (gradient.shape().equals(shape)) {
            return gradient;
        }
        int added = gradient.shape().rank() - shape.rank();
        int[] axes = new int[gradient.shape().rank()];
        int count = 0;
        for (int i = 0; i < axes.length; i++) {
            if (i < added || shape.size(i - added) != gradient.shape().size(i)) {
                axes[count++] = i;
            }
        }
        Tensor summed = Sum.apply(gradient, Arrays.copyOf(axes, count), true);
        return Reshape.apply(summed, shape);
    }
}
