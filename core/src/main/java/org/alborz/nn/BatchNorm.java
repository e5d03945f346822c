package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.BatchNormInference;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.Engine;
import org.alborz.ops.KeptResults;
import org.alborz.ops.RunningStatistics;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of {@code [N, C]}, sequences {@code [N, C, L]}, images {@code [N, C, H, W]} or volumes
 * {@code [N, C, D, H, W]}: {@code (x − mean) / √(variance + ε)·weight + bias}, the statistics those of each channel.
 *
 * <p>Training normalises with the batch's statistics and moves the running ones towards them by {@code momentum} (0.1), the variance
 * unbiased as in PyTorch, or takes their mean over all batches ({@link #cumulativeAverage}); evaluation uses the running ones, and so does
 * training once the layer is frozen ({@link Model#freeze}): it neither learns then nor moves its statistics. Statistics are float32 where
 * the session computes in 16 bits. In a group of ranks the batch is this rank's, or that of all ranks ({@link SyncBatchNorm}).
 *
 * <p>Evaluation takes the running mean off first, so that it costs no digits however large it is. After a convolution in float32 or
 * float64 it is folded into the weights instead ({@link Sequential}), which adds errors of about |mean| / deviation units in the last
 * place.
 */
public final class BatchNorm implements Fresh {
    private static final BatchNormInference NORMALIZATION = new BatchNormInference(Activation.NONE);

    private final int channels;
    private final double momentum;
    private final double epsilon;
    private final BatchNormOp operation;

    /** γ and β; null where they are 1 and 0. */
    private final Parameter weight;

    private final Parameter bias;
    private final Parameter runningMean;
    private final Parameter runningVariance;

    /** The number of batches seen, int64; null where the statistics move by a momentum. */
    private final Parameter batches;

    /** The number of batches of a pass that renews the statistics, or −1 outside of one. */
    private long renewed = -1;

    /** How the statistics are moved by a batch of the size met last. */
    private RunningStatistics statistics;

    /** Makes a layer with momentum 0.1 and ε 1e-5. */
    public BatchNorm(int channels) {
        this(channels, 0.1, 1e-5);
    }

    public BatchNorm(int channels, double momentum, double epsilon) {
        this(channels, momentum, epsilon, false, true);
    }

    private BatchNorm(int channels, double momentum, double epsilon, boolean cumulative, boolean affine) {
        if (channels < 1 || !(momentum >= 0 && momentum <= 1) || !(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException(
                    "BatchNorm expects at least 1 channel, a momentum in [0, 1] and a finite epsilon of at least 0, got "
                            + channels + " channels, momentum " + momentum + ", epsilon " + epsilon);
        }
        Shape shape = Shape.of(channels);
        this.channels = channels;
        this.momentum = momentum;
        this.epsilon = epsilon;
        this.operation = new BatchNormOp(epsilon);
        this.weight = affine ? RowNorms.parameter(shape, 1).inFullPrecision() : null;
        this.bias = affine ? RowNorms.parameter(shape, 0).inFullPrecision() : null;
        this.runningMean = Parameter.state(shape, 0);
        this.runningVariance = Parameter.state(shape, 1);
        this.batches = cumulative ? Parameter.state(Shape.scalar(), DType.INT64, Initializer.constant(0)) : null;
    }

    /**
     * Returns this layer with running statistics that are the mean of those of all batches so far, as PyTorch's momentum None makes them; the state
     * {@code num_batches_tracked} counts the batches.
     */
    public BatchNorm cumulativeAverage() {
        return new BatchNorm(channels, momentum, epsilon, true, weight != null);
    }

    /** Returns this layer with weight and bias, or without both, as PyTorch's {@code affine} makes it. */
    public BatchNorm affine(boolean learned) {
        return new BatchNorm(channels, momentum, epsilon, batches != null, learned);
    }

    /** Normalises {@code [N, C]}, {@code [N, C, L]}, {@code [N, C, H, W]} or {@code [N, C, D, H, W]} to the same shape. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Shape shape = x.shape();
        if (shape.rank() != 3 && shape.rank() != 5) {
            return images(x, pass);
        }
        requireChannels(shape);
        // The operation knows rows and images: of volumes the first two axes of places become one.
        boolean isVolume = shape.rank() == 5;
        int height = isVolume ? Math.multiplyExact(shape.size(2), shape.size(3)) : shape.size(2);
        try (Tensor places = x.reshape(shape.size(0), shape.size(1), height, isVolume ? shape.size(4) : 1);
                Tensor y = images(places, pass)) {
            return y.reshape(shape);
        }
    }

    private Tensor images(Tensor x, Pass pass) {
        if (!pass.isTraining() || isFrozen()) {
            return evaluate(x, pass);
        }
        return train(x, pass);
    }

    /** Tells whether {@link Model#freeze} holds the running statistics, or everything that is learned. */
    private boolean isFrozen() {
        return runningMean.isFrozen()
                || runningVariance.isFrozen()
                || weight != null && weight.isFrozen() && bias.isFrozen();
    }

    private Tensor train(Tensor x, Pass pass) {
        SyncBatchNorm sync = pass.syncBatchNorm();
        if (sync != null) {
            return train(x, pass, sync);
        }
        Tensor[] results = Engine.applyAll(operation, 3, x, used(weight, 1, x, pass), used(bias, 0, x, pass));
        moveStatistics(results[1], results[2], correction((double) x.shape().elements() / channels));
        results[1].close();
        results[2].close();
        return results[0];
    }

    /** Returns a parameter of this pass, or what stands for one that is not learned. */
    private Tensor used(Parameter parameter, double value, Tensor x, Pass pass) {
        return parameter == null
                ? x.session()
                        .empty(x.dtype().accumulator(), Layout.rowMajor(runningMean.shape()))
                        .fill(value)
                : pass.use(parameter);
    }

    /** Normalises by the statistics of all ranks' values. */
    private Tensor train(Tensor x, Pass pass, SyncBatchNorm sync) {
        Tensor gamma = used(weight, 1, x, pass);
        Tensor beta = used(bias, 0, x, pass);
        Tensor[] own = statisticsOf(x, gamma, beta);
        SyncBatchNorm.Statistics all =
                sync.statistics(own[1], own[2], (double) x.shape().elements() / channels);
        own[2].close();
        try (Tensor ownMean = own[1];
                Tensor mean = all.mean();
                Tensor variance = all.variance()) {
            moveStatistics(mean, variance, correction(all.count()));
            Tensor[] results = Engine.applyAll(
                    new SyncNormalization(sync, epsilon, all.count()), 2, x, gamma, beta, mean, variance, ownMean);
            sync.keep(pass, results[1]);
            return results[0];
        }
    }

    /** Returns null, and mean and variance, which are not recorded. */
    private Tensor[] statisticsOf(Tensor x, Tensor gamma, Tensor beta) {
        try (Tensor values = x.detach();
                Tensor factor = gamma.detach();
                Tensor term = beta.detach()) {
            Tensor[] own = Engine.applyAll(operation, 3, values, factor, term);
            own[0].close();
            own[0] = null;
            return own;
        }
    }

    private void moveStatistics(Tensor mean, Tensor variance, double correction) {
        if (renewed >= 0) {
            if (renewed == 0) {
                runningMean.value().fill(0);
                runningVariance.value().fill(1);
            }
            renewed++;
            Engine.apply(
                    new RunningStatistics(1.0 / renewed, correction),
                    mean,
                    variance,
                    runningMean.value(),
                    runningVariance.value());
        } else if (batches == null) {
            Engine.apply(statistics(correction), mean, variance, runningMean.value(), runningVariance.value());
        } else {
            average(mean, variance, correction);
        }
    }

    /**
     * Makes all layers of a model renew their running statistics: until the result is closed they become the mean of those of the batches that
     * are computed in training mode meanwhile, as {@code torch.optim.swa_utils.update_bn} does. Frozen layers stay as they are.
     *
     * @return to be closed after the last batch
     */
    public static Renewal renew(Model model) {
        List<BatchNorm> found = new ArrayList<>();
        collect(Given.value(model, "BatchNorm", "a model").module(), found);
        found.removeIf(BatchNorm::isFrozen);
        found.forEach(layer -> layer.renewed = 0);
        return new Renewal(found);
    }

    private static void collect(Module module, List<BatchNorm> found) {
        if (module instanceof BatchNorm layer && !found.contains(layer)) {
            found.add(layer);
        }
        module.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {}

            @Override
            public void module(String name, Module part) {
                collect(part, found);
            }
        });
    }

    /** The layers that renew their running statistics. */
    public static final class Renewal implements AutoCloseable {
        private final List<BatchNorm> layers;

        private Renewal(List<BatchNorm> layers) {
            this.layers = layers;
        }

        /** Returns how many layers there are. */
        public int layers() {
            return layers.size();
        }

        /** Lets the layers move their statistics as usual again; those with a cumulative average have seen as many batches as were renewed with. */
        @Override
        public void close() {
            for (BatchNorm layer : layers) {
                if (layer.batches != null && layer.renewed > 0) {
                    layer.batches.value().fill(layer.renewed);
                }
                layer.renewed = -1;
            }
        }
    }

    /** Moves the statistics by the distance over the number of batches. */
    private void average(Tensor mean, Tensor variance, double correction) {
        try (Scope scope = mean.session().scope("running statistics")) {
            Tensor count = batches.value().assign(batches.value().add(1));
            Tensor share = count.to(mean.dtype()).reciprocal();
            Tensor ofMean = runningMean.value();
            Tensor ofVariance = runningVariance.value();
            ofMean.assign(ofMean.add(mean.sub(ofMean).mul(share)));
            Tensor unbiased = variance.mul(correction);
            ofVariance.assign(ofVariance.add(unbiased.sub(ofVariance).mul(share)));
        }
    }

    /** Returns what makes a biased variance an unbiased one. */
    private static double correction(double count) {
        return count / (count - 1);
    }

    private RunningStatistics statistics(double correction) {
        if (statistics == null || statistics.correction() != correction) {
            statistics = new RunningStatistics(momentum, correction);
        }
        return statistics;
    }

    private Tensor evaluate(Tensor x, Pass pass) {
        requireInput(x.shape());
        Tensor mean = pass.use(runningMean);
        Tensor shift = used(bias, 0, x, pass).to(mean.dtype());
        return Engine.apply(NORMALIZATION, x, mean, scale(pass), shift, null);
    }

    /** Computes {@code weight / √(variance + ε)}, which evaluation keeps while neither changes. */
    private Tensor scale(Pass pass) {
        Tensor variance = pass.use(runningVariance);
        Tensor factor = weight == null ? null : pass.use(weight);
        boolean keeps = !pass.isTraining() && !pass.isRecorded();
        KeptResults kept = variance.session().engine().kept();
        Tensor found = keeps ? kept.find(operation, variance, factor) : null;
        if (found != null) {
            return found;
        }
        Tensor deviation = variance.add(epsilon).apply(UnaryOp.SQRT);
        Tensor scale = factor == null
                ? deviation.reciprocal()
                : factor.to(variance.dtype()).div(deviation);
        return keeps ? kept.keep(operation, scale, variance, factor) : scale;
    }

    private void requireInput(Shape x) {
        if (x.rank() != 2 && x.rank() != 4) {
            throw unfit(x);
        }
        requireChannels(x);
    }

    private void requireChannels(Shape x) {
        if (x.size(1) != channels) {
            throw unfit(x);
        }
    }

    private IllegalArgumentException unfit(Shape x) {
        return new IllegalArgumentException("BatchNorm expects input [N, " + channels + "] or [N, " + channels
                + ", H, W], or such with one or three" + " axes of places, got " + x);
    }

    @Override
    public void describe(Structure structure) {
        if (weight != null) {
            structure.parameter("weight", weight);
            structure.parameter("bias", bias);
        }
        structure.parameter("running_mean", runningMean);
        structure.parameter("running_var", runningVariance);
        if (batches != null) {
            structure.parameter("num_batches_tracked", batches);
        }
    }

    @Override
    public String toString() {
        return "BatchNorm(" + channels + ", momentum=" + (batches == null ? momentum : "none") + ", epsilon=" + epsilon
                + (weight == null ? ", affine=false" : "") + ")";
    }
}
