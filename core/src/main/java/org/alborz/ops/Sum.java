package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The sum along some axes. */
public final class Sum implements Op {
    private final Shape from;
    private final Shape kept;

    private Sum(Shape from, Shape kept) {
        this.from = from;
        this.kept = kept;
    }

    /** Sums along the given axes, which stay with size 1 if {@code keepDims}. */
    public static Tensor apply(Tensor x, int[] axes, boolean keepDims) {
        Operands.requireFloating("sum", x);
        Shape kept = kept(x.shape(), axes);
        Tensor y = reduce(ReduceOp.SUM, x, axes, kept, keepDims);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Sum(x.shape(), kept));
        }
        return y;
    }

    /** Returns the shape with size 1 along the given axes. */
    static Shape kept(Shape shape, int[] axes) {
        int[] sizes = shape.toArray();
        for (int axis : axes) {
            sizes[shape.axis(axis)] = 1;
        }
        return Shape.of(sizes);
    }

    /** Returns the unrecorded reduction, without the axes unless {@code keepDims}. */
    static Tensor reduce(ReduceOp op, Tensor x, int[] axes, Shape kept, boolean keepDims) {
        Tensor y = Operands.result(x, kept);
        x.session().backend().reductions().reduce(op, x, y);
        if (keepDims) {
            return y;
        }
        Tensor dropped = y.view(Layout.rowMajor(without(x.shape(), axes)));
        y.close();
        return dropped;
    }

    private static Shape without(Shape shape, int[] axes) {
        boolean[] gone = new boolean[shape.rank()];
        int left = shape.rank();
        for (int axis : axes) {
            int at = shape.axis(axis);
            left -= gone[at] ? 0 : 1;
            gone[at] = true;
        }
        int[] sizes = new int[left];
        int next = 0;
        for (int i = 0; i < gone.length; i++) {
            if (!gone[i]) {
                sizes[next++] = shape.size(i);
            }
        }
        return Shape.of(sizes);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, dy.reshape(kept).expand(from));
    }
}
