package org.alborz.ops;

import java.util.Arrays;
import org.alborz.backend.Backend;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * What {@link Sum}, {@link MeanOp}, {@link Amax} and {@link Amin} share.
 *
 * @param from the shape of what is reduced
 * @param axes those that go, counted from the start, each once; none for none
 * @param kept the shape with size 1 along them
 */
record Reduction(Shape from, int[] axes, Shape kept) {
    static Reduction of(Shape from, IntTuple axes) {
        return of(from, axes.array());
    }

    static Reduction of(Shape from, int... axes) {
        int[] gone = from.axes(axes);
        int[] sizes = from.toArray();
        for (int axis : gone) {
            sizes[axis] = 1;
        }
        return new Reduction(from, gone, Shape.of(sizes));
    }

    /** Returns how many elements make one result. */
    double count() {
        double count = 1;
        for (int axis : axes) {
            count *= from.size(axis);
        }
        return count;
    }

    /** Returns the shape of the result, without the axes unless {@code keepDims}. */
    Shape shape(boolean keepDims) {
        return keepDims ? kept : without();
    }

    /** Reduces the first input into the first result. */
    void compute(ReduceOp op, Backend backend, Call call, boolean keepDims) {
        backend.reductions().reduce(op, call.in(0), keepDims ? call.out(0) : call.out(0, Layout.rowMajor(kept)));
    }

    private Shape without() {
        boolean[] gone = new boolean[from.rank()];
        for (int axis : axes) {
            gone[axis] = true;
        }
        int[] sizes = new int[from.rank() - axes.length];
        int next = 0;
        for (int i = 0; i < gone.length; i++) {
            if (!gone[i]) {
                sizes[next++] = from.size(i);
            }
        }
        return Shape.of(sizes);
    }

    /** Returns the gradient of a result read as of the reduced tensor's shape, each element as often as it counts. */
    Tensor spread(Tensor dy) {
        return dy.reshape(kept).expand(from);
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
        Tensor summed = gradient.sum(true, Arrays.copyOf(axes, count));
        return summed.reshape(shape);
    }
}
