package org.alborz.ops;

import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * What {@link Sum}, {@link Mean} and {@link Extremum} share.
 *
 * @param from the shape of what is reduced
 * @param axes those that go, counted from the start, each once; none for none
 * @param kept the shape with size 1 along them
 */
record Reduction(Shape from, int[] axes, Shape kept) {
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

    /** Returns the unrecorded reduction, without the axes unless {@code keepDims}. */
    Tensor run(ReduceOp op, Tensor x, boolean keepDims) {
        Tensor y = Operands.result(x, kept);
        x.session().backend().reductions().reduce(op, x, y);
        if (keepDims) {
            return y;
        }
        Tensor dropped = y.view(Layout.rowMajor(without()), ViewAccess.GRANTED);
        y.close();
        return dropped;
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
}
