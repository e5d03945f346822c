package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** The largest or the smallest element along some axes; equal extremes share the gradient evenly. */
public final class Extremum implements Op {
    private final Tensor x;
    private final Tensor y;
    private final int[] axes;
    private final Shape kept;

    private Extremum(Tensor x, Tensor y, int[] axes, Shape kept) {
        this.x = x;
        this.y = y;
        this.axes = axes;
        this.kept = kept;
    }

    /** Takes {@link ReduceOp#MAX} or {@link ReduceOp#MIN} along the given axes, which stay with size 1 if {@code keepDims}. */
    public static Tensor apply(ReduceOp op, Tensor x, int[] axes, boolean keepDims) {
        Operands.requireFloating("max or min", x);
        Shape kept = Sum.kept(x.shape(), axes);
        if (x.shape().elements() == 0 && kept.elements() > 0) {
            throw new IllegalArgumentException(
                    "The largest or smallest of no elements is not defined; got " + x.describe());
        }
        Tensor y = Sum.reduce(op, x, axes, kept, keepDims);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Extremum(node.save(x), node.save(y), axes.clone(), kept));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor isExtreme = x.apply(BinaryOp.EQUAL, y.reshape(kept));
        Tensor share = dy.reshape(kept).div(isExtreme.sum(true, axes));
        inputs.add(0, isExtreme.mul(share));
    }
}
