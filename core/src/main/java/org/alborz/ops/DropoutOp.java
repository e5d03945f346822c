package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Comparison;
import org.alborz.backend.DropoutMask;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Inverted dropout (Srivastava et al. 2014): {@code u ≥ rate ? x / (1 − rate) : 0}, u being uniform in [0, 1) and named by the key, so
 * that nothing is stored for the gradient. Elements are left out, not multiplied by 0: what is dropped is 0 even where x is infinite or
 * NaN.
 *
 * @param rate the share of elements that become 0, in [0, 1)
 * @param order the order in memory in which elements take their numbers; null for x's own, or row-major where it is not dense
 */
public record DropoutOp(double rate, RandomKey key, Layout order) implements Op {
    /** How many elements take their numbers from one value of the key's counter. */
    static final int WORDS_PER_COUNT = 4;

    private static final double GRID = 1 << 24;

    public DropoutOp {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout expects a rate in [0, 1), got " + rate);
        }
    }

    public DropoutOp(double rate, RandomKey key) {
        this(rate, key, null);
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        if (order != null
                && (!order.isDense() || order.offset() != 0 || !order.shape().equals(call.shape(0)))) {
            throw new IllegalArgumentException(
                    "dropout expects a dense order of shape " + call.shape(0) + ", got " + order);
        }
        Layout dense = order == null ? Layouts.dense(call.layout(0)) : order;
        call.order(0, dense);
        call.result(dense);
    }

    @Override
    public void compute(Backend backend, Call call) {
        DropoutMask fusion = backend.fusion(DropoutMask.class).orElse(null);
        if (fusion == null) {
            call.give(0, composed(call.tensor(0), rate, key));
        } else {
            fusion.apply(key, rate, call.in(0), call.out(0));
        }
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Engine.apply(new DropoutOp(rate, key, inputs.layout()), dy));
    }

    /**
     * Computes the same from uniform numbers and a comparison; what a backend's fusion is checked against.
     *
     * @param x a dense tensor, whose elements take their numbers in the order of memory
     */
    public static Tensor composed(Tensor x, double rate, RandomKey key) {
        Tensor uniform = uniform(x, key, x.layout().compact());
        return composed(x, rate, uniform);
    }

    /** Computes the same of x, row-major, whose first element takes not the first number of the key but the one after {@code skipped}. */
    static Tensor composed(Tensor x, double rate, RandomKey key, int skipped) {
        int count = Math.toIntExact(x.shape().elements());
        Tensor numbers = uniform(x, key, Layout.rowMajor(Shape.of(Math.addExact(count, skipped))));
        return composed(x, rate, numbers.narrow(0, skipped, count).reshape(x.shape()));
    }

    private static Tensor uniform(Tensor x, RandomKey key, Layout layout) {
        return x.session()
                .engine()
                .create(new Random(Random.Distribution.UNIFORM, key, x.dtype().accumulator(), layout));
    }

    private static Tensor composed(Tensor x, double rate, Tensor uniform) {
        // Uniform numbers are multiples of 2⁻²⁴, which 16 bits do not hold; a threshold that is one compares alike in
        // the others.
        Tensor threshold = Full.like(uniform, Math.ceil(rate * GRID) / GRID);
        Tensor kept = uniform.apply(Comparison.GREATER_EQUAL, threshold);
        return Where.apply(kept, x.mul(1 / (1 - rate)), Full.like(x, 0));
    }
}
