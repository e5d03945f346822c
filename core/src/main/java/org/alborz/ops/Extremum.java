package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;

/** The largest or the smallest element along some axes; equal extremes share the gradient evenly, and so do NaNs. */
public final class Extremum implements Op {
    private final Tensor x;
    private final Tensor y;
    private final Reduction reduction;

    private Extremum(Tensor x, Tensor y, Reduction reduction) {
        this.x = x;
        this.y = y;
        this.reduction = reduction;
    }

    /**
     * Takes {@link ReduceOp#MAX} or {@link ReduceOp#MIN} along the given axes, which stay with size 1 if {@code keepDims}; along no axis
     * it copies.
     *
     * @throws IllegalArgumentException when one of the axes is empty
     */
    public static Tensor apply(ReduceOp op, Tensor x, int[] axes, boolean keepDims) {
        if (op != ReduceOp.MAX && op != ReduceOp.MIN) {
            throw new IllegalArgumentException("Extremum expects MAX or MIN, got " + op + "; use Sum or Mean");
        }
        String name = op == ReduceOp.MAX ? "max" : "min";
        Operands.requireFloating(name, x);
        Reduction reduction = Reduction.of(x.shape(), axes);
        for (int axis : reduction.axes()) {
            Operands.requireElements(name, x, axis);
        }
        Tensor y = reduction.run(op, x, keepDims);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Extremum(node.save(x), node.save(y), reduction));
        }
        return y;
    }

    /** The ties are counted in the type of sums: 16 bits do not hold their number. */
    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor isNumber = x.apply(BinaryOp.EQUAL, x);
        Tensor isExtreme =
                Where.apply(isNumber, x.apply(BinaryOp.EQUAL, y.reshape(reduction.kept())), Operands.scalar(x, 1));
        Tensor ties = isExtreme.to(x.dtype().accumulator()).sum(true, reduction.axes());
        Tensor share = dy.reshape(reduction.kept()).to(ties.dtype()).div(ties).to(dy.dtype());
        inputs.add(0, isExtreme.apply(BinaryOp.RELU_BACKWARD, share));
    }
}
