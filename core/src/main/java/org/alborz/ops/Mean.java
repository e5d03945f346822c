package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;

/** The mean along some axes, rounded once; NaN of no elements. */
public final class Mean implements Op {
    private final Reduction reduction;

    private Mean(Reduction reduction) {
        this.reduction = reduction;
    }

    /** Takes the mean along the given axes, which stay with size 1 if {@code keepDims}; along no axis it copies. */
    public static Tensor apply(Tensor x, int[] axes, boolean keepDims) {
        Operands.requireFloating("mean", x);
        Reduction reduction = Reduction.of(x.shape(), axes);
        Tensor y = reduction.run(ReduceOp.MEAN, x, keepDims);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Mean(reduction));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, reduction.spread(dy.mul(1 / reduction.count())));
    }
}
