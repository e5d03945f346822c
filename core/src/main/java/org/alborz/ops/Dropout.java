package org.alborz.ops;

import java.util.Optional;
import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** Inverted dropout: some elements become 0, the others grow so that the mean stays (Srivastava et al. 2014). */
public final class Dropout implements Op {
    private static final double GRID = 1 << 24;

    private final RandomKey key;
    private final double rate;
    private final Layout layout;

    private Dropout(RandomKey key, double rate, Layout layout) {
        this.key = key;
        this.rate = rate;
        this.layout = layout;
    }

    /**
     * Computes {@code u ≥ rate ? x / (1 − rate) : 0}, u being uniform in [0, 1) and named by the key, so that nothing is stored
     * for the gradient. Elements are left out, not multiplied by 0: what is dropped is 0 even where x is infinite or NaN.
     *
     * @param rate the share of elements that become 0, in [0, 1)
     */
    public static Tensor apply(Tensor x, double rate, RandomKey key) {
        require(x, rate);
        Layout layout = Operands.dense(x);
        Optional<DropoutMask> fusion = x.session().backend().fusion(DropoutMask.class);
        Tensor y;
        if (fusion.isPresent()) {
            Tensor dense = x.layout().sameOrder(layout) ? x : Operands.copy(x, layout);
            y = Operands.result(x, layout);
            fusion.get().apply(key, rate, dense, y);
            Operands.closeCopy(dense, x);
        } else {
            y = composed(x.detach(), rate, key, layout);
        }
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Dropout(key, rate, layout));
        }
        return y;
    }

    private static void require(Tensor x, double rate) {
        Operands.requireFloating("dropout", x);
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout expects a rate in [0, 1), got " + rate);
        }
    }

    /** Computes the same from uniform numbers and a comparison; what a backend's fusion is checked against. */
    public static Tensor composed(Tensor x, double rate, RandomKey key, Layout layout) {
        require(x, rate);
        if (!layout.shape().equals(x.shape())) {
            throw new IllegalArgumentException("dropout expects a layout of shape " + x.shape() + ", got " + layout);
        }
        Tensor uniform = Operands.result(x, layout);
        x.session().backend().randomFill().uniform(key, uniform);
        // Uniform numbers lie on a grid of 2⁻²⁴; a threshold on it compares alike in every data type.
        Tensor threshold = Operands.scalar(x, Math.ceil(rate * GRID) / GRID);
        Tensor kept = uniform.apply(BinaryOp.GREATER_EQUAL, threshold);
        return Where.apply(kept, x.mul(1 / (1 - rate)), Operands.scalar(x, 0));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, apply(dy.to(layout), rate, key));
    }
}
