package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * Dropout for SELU nets (Klambauer et al. 2017): in training each element becomes SELU's value at −∞, α′ = −1.758…, with probability {@code rate},
 * and then all are scaled and shifted so that numbers of mean 0 and variance 1 keep both: {@code y = a·x + b}, or {@code a·α′ + b} where dropped, with
 * {@code a = 1 / √((1 − rate)·(1 + rate·α′²))} and {@code b = −a·rate·α′}.
 */
public final class AlphaDropout implements Fresh {
    /** −λα of SELU. */
    private static final double DROPPED = -1.7580993408473766;

    private final double rate;

    /**
     * Makes a layer.
     *
     * @param rate the share of elements that are dropped, in [0, 1)
     */
    public AlphaDropout(double rate) {
        this.rate = Kept.rate("AlphaDropout", rate);
    }

    /** Drops elements of {@code x} of any shape in training; returns {@code x} itself in evaluation. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (!pass.isTraining() || rate == 0) {
            return x;
        }
        double scale = 1 / Math.sqrt((1 - rate) * (1 + rate * DROPPED * DROPPED));
        double shift = -scale * rate * DROPPED;
        try (Scope scope = x.session().scope("AlphaDropout")) {
            Tensor dropped = LossInput.scalar(x.session(), x.dtype(), scale * DROPPED + shift);
            Tensor kept = Kept.draw(x, x.shape(), rate, pass.nextRandom());
            return scope.keep(Tensor.where(kept, x.mul(scale).add(shift), dropped));
        }
    }

    @Override
    public String toString() {
        return "AlphaDropout(" + rate + ")";
    }
}
