package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * Instance normalisation (Ulyanov, Vedaldi and Lempitsky 2016) of {@code [N, C, …]} with at least three axes: each channel of each sample
 * by its own mean and variance, which is {@link GroupNorm} with a group a channel. By default nothing is learned, and no statistics are
 * kept: training and evaluation are the same.
 */
public final class InstanceNorm implements Fresh {
    private final int channels;
    private final GroupNorm groups;

    /** Makes a layer without weight and bias, and with ε 1e-5. */
    public InstanceNorm(int channels) {
        this(channels, new GroupNorm(channels, channels).affine(false));
    }

    private InstanceNorm(int channels, GroupNorm groups) {
        this.channels = channels;
        this.groups = groups;
    }

    /** Returns this layer with another ε, finite and at least 0. */
    public InstanceNorm epsilon(double value) {
        return new InstanceNorm(channels, groups.epsilon(value));
    }

    /** Returns this layer with a weight and a bias for each channel, or without both. */
    public InstanceNorm affine(boolean learned) {
        return new InstanceNorm(channels, groups.affine(learned));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() < 3 || x.shape().size(1) != channels) {
            throw new IllegalArgumentException(
                    "InstanceNorm expects input [N, " + channels + ", L, …], got " + x.describe());
        }
        return groups.forward(x, pass);
    }

    @Override
    public void describe(Structure structure) {
        groups.describe(structure);
    }

    @Override
    public String toString() {
        return "InstanceNorm(" + groups + ")";
    }
}
