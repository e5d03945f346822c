package org.alborz.nn;

import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;

/**
 * Inverted dropout (Srivastava et al. 2014): in training each element becomes 0 with probability {@code rate}, and otherwise
 * {@code x / (1 − rate)}.
 */
public final class Dropout implements Fresh {
    private final double rate;

    /**
     * Makes a layer.
     *
     * @param rate the share of elements that become 0, in [0, 1)
     */
    public Dropout(double rate) {
        this.rate = Kept.rate("Dropout", rate);
    }

    /** Drops elements of {@code x} of any shape in training; returns {@code x} itself in evaluation. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return pass.isTraining() && rate > 0 ? Engine.apply(new DropoutOp(rate, pass.nextRandom()), x) : x;
    }

    /** Returns x plus what is left of another tensor, which is closed. */
    Tensor plus(Tensor x, Tensor part, Pass pass) {
        Tensor left = forward(part, pass);
        Tensor sum = x.add(left);
        if (left != part) {
            left.close();
        }
        part.close();
        return sum;
    }

    @Override
    public String toString() {
        return "Dropout(" + rate + ")";
    }
}
