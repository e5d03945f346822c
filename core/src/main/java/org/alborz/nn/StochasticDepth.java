package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * Stochastic depth (Huang et al. 2016) of {@code [N, …]}, also called drop path: in training each sample becomes 0 with probability
 * {@code rate}, and the others {@code y = x / (1 − rate)}. As the last layer of a {@link Residual}'s body it skips the body for some samples.
 */
public final class StochasticDepth implements Fresh {
    private final double rate;

    /**
     * Makes a layer.
     *
     * @param rate the share of samples that become 0, in [0, 1)
     */
    public StochasticDepth(double rate) {
        this.rate = Kept.rate("StochasticDepth", rate);
    }

    /** Drops samples of {@code [N, …]} in training; returns the input itself in evaluation. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() < 1) {
            throw new IllegalArgumentException("StochasticDepth expects input [N, …], got " + x.describe());
        }
        if (!pass.isTraining() || rate == 0) {
            return x;
        }
        return Kept.parts(x, 1, rate, pass);
    }

    @Override
    public String toString() {
        return "StochasticDepth(" + rate + ")";
    }
}
