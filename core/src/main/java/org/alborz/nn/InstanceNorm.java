package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Instance normalisation (Ulyanov, Vedaldi and Lempitsky 2016) of {@code [N, C, …]} with at least three axes: each channel of each sample
 * by its own mean and variance, {@code (x − mean) / √(variance + ε)}, which is {@link GroupNorm} with a group a channel. By default nothing is learned, and no statistics are
 * kept: training and evaluation are the same. With {@link #trackRunningStats}, as in PyTorch, training also moves running statistics, and evaluation
 * uses those in the place of each sample's own.
 */
public final class InstanceNorm implements Fresh {
    private static final double NONE = -1;

    private final int channels;
    private final GroupNorm groups;

    /** Of the running statistics; negative where none are kept. */
    private final double momentum;

    private final Parameter runningMean;
    private final Parameter runningVariance;

    /** Makes a layer without weight and bias, and with ε 1e-5. */
    public InstanceNorm(int channels) {
        this(channels, new GroupNorm(channels, channels).affine(false), NONE);
    }

    private InstanceNorm(int channels, GroupNorm groups, double momentum) {
        this.channels = channels;
        this.groups = groups;
        this.momentum = momentum;
        this.runningMean = momentum < 0 ? null : Parameter.state(Shape.of(channels), 0);
        this.runningVariance = momentum < 0 ? null : Parameter.state(Shape.of(channels), 1);
    }

    /** Returns this layer with another ε, finite and at least 0. */
    public InstanceNorm epsilon(double value) {
        return new InstanceNorm(channels, groups.epsilon(value), momentum);
    }

    /** Returns this layer with a weight and a bias for each channel, or without both. */
    public InstanceNorm affine(boolean learned) {
        return new InstanceNorm(channels, groups.affine(learned), momentum);
    }

    /**
     * Returns this layer with running statistics for each channel, the mean over a batch's samples of their means and unbiased variances, each
     * moved by {@code momentum} of the distance: 0.1 in PyTorch, unless given.
     *
     * @param share the momentum, in [0, 1]
     */
    public InstanceNorm trackRunningStats(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("InstanceNorm expects a momentum in [0, 1], got " + share);
        }
        return new InstanceNorm(channels, groups, share);
    }

    /** Normalises {@code [N, C, L, …]} to the same shape. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() < 3 || x.shape().size(1) != channels) {
            throw new IllegalArgumentException(
                    "InstanceNorm expects input [N, " + channels + ", L, …], got " + x.describe());
        }
        if (momentum < 0) {
            return groups.forward(x, pass);
        }
        if (!pass.isTraining() || runningMean.isFrozen()) {
            return groups.normalize(x, runningMean.value(), runningVariance.value(), pass);
        }
        long places = x.shape().elements() / Math.max(1, (long) x.shape().size(0) * channels);
        if (places == 1) {
            throw new IllegalArgumentException(
                    "InstanceNorm with running statistics expects more than one place of each channel in training, got "
                            + x.describe());
        }
        if (x.shape().elements() > 0) {
            move(x.detach());
        }
        return groups.forward(x, pass);
    }

    private void move(Tensor x) {
        try (Scope scope = x.session().scope("running statistics")) {
            Tensor places = x.to(runningMean.value().dtype()).reshape(x.shape().size(0), channels, -1);
            move(runningMean.value(), places.mean(false, 2));
            move(runningVariance.value(), places.var(1, false, 2));
        }
    }

    private void move(Tensor running, Tensor ofSamples) {
        Tensor batch = ofSamples.mean(false, 0);
        running.assign(running.mul(1 - momentum).add(batch.mul(momentum)));
    }

    @Override
    public void describe(Structure structure) {
        groups.describe(structure);
        if (momentum >= 0) {
            structure.parameter("running_mean", runningMean);
            structure.parameter("running_var", runningVariance);
        }
    }

    @Override
    public String toString() {
        return "InstanceNorm(" + groups + (momentum < 0 ? "" : ", momentum=" + momentum) + ")";
    }
}
