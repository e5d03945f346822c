package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * Spatial dropout (Tompson et al. 2015) of {@code [N, C, …]} with at least three axes: in training each channel of each sample becomes 0 with
 * probability {@code rate}, and the others {@code y = x / (1 − rate)}. It serves sequences, images and volumes alike.
 */
public final class Dropout2d implements Fresh {
    private final double rate;

    /**
     * Makes a layer.
     *
     * @param rate the share of channels that become 0, in [0, 1)
     */
    public Dropout2d(double rate) {
        this.rate = Kept.rate("Dropout2d", rate);
    }

    /** Drops channels of {@code [N, C, …]} in training; returns the input itself in evaluation. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() < 3) {
            throw new IllegalArgumentException("Dropout2d expects input [N, C, L, …], got " + x.describe());
        }
        if (!pass.isTraining() || rate == 0) {
            return x;
        }
        return Kept.parts(x, 2, rate, pass);
    }

    @Override
    public String toString() {
        return "Dropout2d(" + rate + ")";
    }
}
