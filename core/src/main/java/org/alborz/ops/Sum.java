package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;

/** The sum along some axes; 0 of no elements. */
public final class Sum implements Op {
    private final Reduction reduction;

    private Sum(Reduction reduction) {
        this.reduction = reduction;
    }

    /** Sums along the given axes, which stay with size 1 if {@code keepDims}; along no axis it copies. */
    public static Tensor apply(Tensor x, int[] axes, boolean keepDims) {
        Operands.requireFloating("sum", x);
        Reduction reduction = Reduction.of(x.shape(), axes);
        Tensor y = reduction.run(ReduceOp.SUM, x, keepDims);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Sum(reduction));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, reduction.spread(dy));
    }
}
