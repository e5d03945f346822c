package org.alborz.nn;

import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Draws which parts of a tensor dropout keeps. */
final class Kept {
    private Kept() {}

    /** Refuses a rate outside of [0, 1). */
    static double rate(String layer, double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException(layer + " expects a rate in [0, 1), got " + rate);
        }
        return rate;
    }

    /** Returns a bool tensor of a shape that is true with probability 1 − rate. */
    static Tensor draw(Tensor x, Shape shape, double rate, RandomKey key) {
        Tensor ones = x.session().empty(DType.FLOAT32, Layout.rowMajor(shape)).fill(1);
        return Engine.apply(new DropoutOp(rate, key), ones).ne(0);
    }

    /**
     * Returns x with some of its parts divided by 1 − rate and the others 0, even where x is infinite or NaN.
     *
     * @param axes how many of the first axes name a part
     */
    static Tensor parts(Tensor x, int axes, double rate, Pass pass) {
        try (Scope scope = x.session().scope("dropout")) {
            Tensor kept = draw(x, first(x.shape(), axes), rate, pass.nextRandom());
            Tensor zero = LossInput.scalar(x.session(), x.dtype(), 0);
            return scope.keep(Tensor.where(kept, x.mul(1 / (1 - rate)), zero));
        }
    }

    /** Returns the first axes of a shape, and 1 for each further one. */
    private static Shape first(Shape shape, int axes) {
        int[] sizes = shape.toArray();
        for (int i = axes; i < sizes.length; i++) {
            sizes[i] = 1;
        }
        return Shape.of(sizes);
    }
}
