package org.alborz.cuda.ops;

import java.util.function.Consumer;
import org.alborz.backend.BatchNormGate;
import org.alborz.backend.Normalization;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Batch normalisation by our own kernels: cuDNN's legacy call returns the inverse deviation and the unbiased variance, from neither of
 * which the biased variance comes back exactly.
 *
 * <p>Sums over the rows are taken in parts, each channel's parts joined in order by the last block of a tile of channels; how many depends on
 * the sizes alone.
 *
 * <p>Where x and dy fit in the device's registers, one launch computes the gradient ({@link WholeBatchNormGradient}).
 *
 * <p>The last launch of {@link #batchNorm} is kept back until other work comes ({@link org.alborz.cuda.driver.Stream#delay}), its arguments
 * written: if that work moves running statistics by the same mean and variance, the launch does it as well.
 */
final class CudaNormalization implements Normalization, BatchNormGate {
    private static final int PER_BLOCK = 1024;

    /** The bytes of y that a byte of a gate stands for. */
    private static final int BYTES_PER_GATE = 16;

    /** Where the arguments of batch_norm_apply begin that move running statistics. */
    private static final int MOVING = 11;

    private final LaunchContext context;
    private final FinishedBlocks finished;
    private final OperandArguments arguments;
    private final BatchStatistics statistics;
    private final WholeBatchNormGradient whole;
    private final BatchNormGradientOfSums ofSums;
    private final Runnable launch = this::launch;

    // Of the launch that is kept back: its elements, and where the statistics are that it normalises by.
    private long kept;
    private long keptMean;
    private long keptVariance;

    CudaNormalization(
            LaunchContext context,
            FinishedBlocks finished,
            DelayedConvolution convolution,
            DelayedDataGradient gradient) {
        this.context = context;
        this.finished = finished;
        this.arguments = new OperandArguments(context.launcher());
        this.statistics = new BatchStatistics(context, finished, convolution);
        this.whole = new WholeBatchNormGradient(context, finished);
        this.ofSums = new BatchNormGradientOfSums(context, finished, gradient);
    }

    @Override
    public long bytes(DType dtype, Shape x) {
        int atOnce = BYTES_PER_GATE / dtype.bytes();
        long bytes = x.elements() / atOnce;
        return x.size(1) % atOnce == 0 && bytes <= Integer.MAX_VALUE ? bytes : 0;
    }

    @Override
    public void batchNorm(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand addend,
            Activation activation,
            Operand y,
            Operand mean,
            Operand variance) {
        batchNorm(epsilon, x, gamma, beta, addend, activation, y, mean, variance, null);
    }

    @Override
    public void batchNorm(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand addend,
            Activation activation,
            Operand y,
            Operand mean,
            Operand variance,
            Operand gate) {
        long channels = x.shape().size(1);
        if (channels == 0) {
            return;
        }
        DType dtype = x.dtype();
        try (TemporaryBuffer scale = sums(dtype, channels);
                TemporaryBuffer shift = sums(dtype, channels)) {
            statistics.of(epsilon, x, gamma, beta, mean, variance, scale, shift);
            write(x, mean, scale, shift, addend, activation, true, y, gate);
            delay(Operands.elements(x), mean, variance);
        }
    }

    /** Keeps the launch back whose arguments were written. */
    private void delay(long elements, Operand mean, Operand variance) {
        kept = elements;
        keptMean = Operands.address(mean);
        keptVariance = Operands.address(variance);
        context.stream().delay(launch);
    }

    private void launch() {
        if (kept > 0) {
            context.run(kept, PER_BLOCK);
        }
    }

    @Override
    public void normalize(
            Operand x, Operand mean, Operand scale, Operand shift, Operand addend, Activation activation, Operand y) {
        long elements = Operands.elements(x);
        if (elements > 0) {
            write(x, mean, scale, shift, addend, activation, false, y, null);
            context.run(elements, PER_BLOCK);
        }
    }

    /**
     * Writes the arguments of the launch that normalises, without running statistics.
     *
     * @param isRounded whether what is normalised is rounded to y's type before the addition
     */
    private void write(
            Operand x,
            Operand mean,
            Operand scale,
            Operand shift,
            Operand addend,
            Activation activation,
            boolean isRounded,
            Operand y,
            Operand gate) {
        long channels = x.shape().size(1);
        context.kernels()
                .batchNormApply(
                        x.dtype(),
                        x,
                        mean,
                        scale,
                        shift,
                        addend,
                        activation,
                        isRounded ? 1 : 0,
                        y,
                        gate,
                        Operands.elements(x) / channels,
                        channels,
                        0,
                        0,
                        0,
                        null,
                        null,
                        null);
    }

    @Override
    public void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta,
            Operand daddend) {
        batchNormBackward(epsilon, x, gamma, mean, variance, activation, y, null, dy, dx, dgamma, dbeta, daddend);
    }

    @Override
    public void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Operand gate,
            Origin origin,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta,
            Operand daddend) {
        Consumer<Operand> separately = of -> batchNormBackward(
                epsilon, x, gamma, mean, variance, Activation.NONE, null, gate, of, dx, dgamma, dbeta, daddend);
        boolean isWhole = origin == null
                || whole.division(x, gamma, null, dy, dx, daddend).isPresent();
        boolean isDone = !isWhole
                && ofSums.apply(
                        new BatchNormGradientOfSums.Normalized(epsilon, x, gamma, mean, variance),
                        origin,
                        dy,
                        new BatchNormGradientOfSums.Results(dx, dgamma, dbeta),
                        daddend,
                        separately);
        if (!isDone) {
            separately.accept(dy);
        }
    }

    private void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand gate,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta,
            Operand daddend) {
        long channels = x.shape().size(1);
        boolean isDone = channels == 0
                || whole.apply(epsilon, x, gamma, mean, variance, activation, y, gate, dy, dx, dgamma, dbeta, daddend);
        if (isDone) {
            return;
        }
        long rows = Operands.elements(x) / channels;
        int parts = BatchStatistics.parts(rows);
        DType dtype = x.dtype();
        try (TemporaryBuffer partial = sums(dtype, 3 * parts * channels);
                TemporaryBuffer total = sums(dtype, 2 * channels)) {
            boolean mixed = BatchStatistics.isMixed(x, gamma);
            if (mixed) {
                context.kernels()
                        .batchNormBackwardSumsMixed(
                                dtype,
                                epsilon,
                                x,
                                mean,
                                variance,
                                activation,
                                y,
                                gate,
                                dy,
                                daddend,
                                partial,
                                finished,
                                dgamma,
                                dbeta,
                                total,
                                rows,
                                channels,
                                parts);
            } else {
                context.kernels()
                        .batchNormBackwardSums(
                                dtype,
                                epsilon,
                                x,
                                mean,
                                variance,
                                activation,
                                y,
                                gate,
                                dy,
                                daddend,
                                partial,
                                finished,
                                dgamma,
                                dbeta,
                                total,
                                rows,
                                channels,
                                parts);
            }
            context.run(BatchStatistics.columns(channels) * parts, 1);
            if (rows == 0) {
                return;
            }
            // What the sums stored for the addend is dy where the activation lets it pass.
            boolean isPassed = daddend != null;
            Operand result = isPassed ? null : y;
            Operand bits = isPassed ? null : gate;
            Operand passed = isPassed ? daddend : dy;
            if (mixed) {
                context.kernels()
                        .batchNormBackwardApplyMixed(
                                dtype,
                                epsilon,
                                x,
                                gamma,
                                mean,
                                variance,
                                activation,
                                result,
                                bits,
                                passed,
                                total,
                                dx,
                                rows,
                                channels);
            } else {
                context.kernels()
                        .batchNormBackwardApply(
                                dtype,
                                epsilon,
                                x,
                                gamma,
                                mean,
                                variance,
                                activation,
                                result,
                                bits,
                                passed,
                                total,
                                dx,
                                rows,
                                channels);
            }
            context.run(rows * channels, PER_BLOCK);
        }
    }

    @Override
    public void moveStatistics(
            double momentum,
            double correction,
            Operand mean,
            Operand variance,
            Operand runningMean,
            Operand runningVariance) {
        long channels = Operands.elements(mean);
        if (isKeptBack(mean, variance)) {
            context.launcher()
                    .takeBack(MOVING)
                    .value(1 - momentum)
                    .value(momentum)
                    .value(momentum * correction);
            arguments.read(variance, mean.dtype());
            arguments.update(runningMean, mean.dtype());
            arguments.update(runningVariance, mean.dtype());
            context.stream().settle();
        } else if (channels > 0) {
            context.kernels()
                    .batchNormMoveStatistics(
                            mean.dtype(),
                            1 - momentum,
                            momentum,
                            momentum * correction,
                            mean,
                            variance,
                            runningMean,
                            runningVariance,
                            channels);
            context.run(channels, PER_BLOCK);
        }
    }

    /** Tells whether the launch that is kept back normalises by these statistics. */
    private boolean isKeptBack(Operand mean, Operand variance) {
        return context.stream().isDelayed(launch)
                && kept > 0
                && keptMean == Operands.address(mean)
                && keptVariance == Operands.address(variance);
    }

    /** Returns memory for the given number of sums. */
    private TemporaryBuffer sums(DType dtype, long count) {
        return context.pool().borrow(dtype.accumulator(), count);
    }
}
