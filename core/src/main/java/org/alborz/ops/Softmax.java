package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;

/** Softmax over the last axis, or its logarithm. */
public final class Softmax implements Op {
    private final boolean log;
    private final Tensor y;

    private Softmax(boolean log, Tensor y) {
        this.log = log;
        this.y = y;
    }

    /** Computes {@code exp(x) / Σ exp(x)} along the last axis, or its logarithm. */
    public static Tensor apply(Tensor x, boolean log) {
        Operands.requireFloating("softmax", x);
        if (x.shape().rank() == 0) {
            throw new IllegalArgumentException("softmax expects at least one axis, got a scalar");
        }
        Tensor input = Operands.rowMajor(x);
        Tensor y = Operands.result(x, x.shape());
        if (log) {
            x.session().backend().softmax().logSoftmax(input, y);
        } else {
            x.session().backend().softmax().softmax(input, y);
        }
        Operands.closeCopy(input, x);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Softmax(log, node.save(y)));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        if (log) {
            inputs.add(0, dy.sub(y.exp().mul(dy.sum(true, -1))));
        } else {
            Tensor weighted = dy.mul(y);
            inputs.add(0, weighted.sub(y.mul(weighted.sum(true, -1))));
        }
    }
}
