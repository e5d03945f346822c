package org.alborz.cuda.ops;

import org.alborz.backend.Normalization;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * Batch normalisation by our own kernels: cuDNN's legacy call returns the inverse deviation and the unbiased variance, from neither of
 * which the biased variance comes back exactly.
 *
 * <p>Sums over the rows are taken in parts, each channel's parts joined in order; how many depends on the sizes alone.
 */
final class CudaNormalization implements Normalization {
    private static final int LANES = 32;
    private static final int PER_BLOCK = 1024;
    private static final int ROWS_PER_PART = 128;
    private static final int MOST_PARTS = 512;

    private final LaunchContext context;

    CudaNormalization(LaunchContext context) {
        this.context = context;
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
        long channels = x.shape().size(1);
        if (channels == 0) {
            return;
        }
        long rows = Operands.elements(x) / channels;
        int parts = parts(rows);
        DType dtype = x.dtype();
        try (TemporaryBuffer partial = sums(dtype, 2 * parts * channels);
                TemporaryBuffer scale = sums(dtype, channels);
                TemporaryBuffer shift = sums(dtype, channels)) {
            context.kernels().batchNormStatistics(dtype, x, partial, rows, channels, parts);
            context.run(columns(channels) * parts, 1);
            if (isMixed(x, gamma)) {
                context.kernels()
                        .batchNormFinishMixed(
                                dtype, epsilon, partial, x, gamma, beta, mean, variance, scale, shift, rows, channels,
                                parts);
            } else {
                context.kernels()
                        .batchNormFinish(
                                dtype, epsilon, partial, x, gamma, beta, mean, variance, scale, shift, rows, channels,
                                parts);
            }
            context.run(columns(channels), 1);
            apply(x, mean, scale, shift, addend, activation, true, y);
        }
    }

    @Override
    public void normalize(
            Operand x, Operand mean, Operand scale, Operand shift, Operand addend, Activation activation, Operand y) {
        apply(x, mean, scale, shift, addend, activation, false, y);
    }

    /** @param isRounded whether what is normalised is rounded to y's type before the addition */
    private void apply(
            Operand x,
            Operand mean,
            Operand scale,
            Operand shift,
            Operand addend,
            Activation activation,
            boolean isRounded,
            Operand y) {
        long elements = Operands.elements(x);
        if (elements > 0) {
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
                            elements / channels,
                            channels);
            context.run(elements, PER_BLOCK);
        }
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
        long channels = x.shape().size(1);
        if (channels == 0) {
            return;
        }
        long rows = Operands.elements(x) / channels;
        int parts = parts(rows);
        DType dtype = x.dtype();
        try (TemporaryBuffer partial = sums(dtype, 3 * parts * channels);
                TemporaryBuffer total = sums(dtype, 2 * channels)) {
            context.kernels()
                    .batchNormBackwardSums(
                            dtype,
                            epsilon,
                            x,
                            mean,
                            variance,
                            activation,
                            y,
                            dy,
                            daddend,
                            partial,
                            rows,
                            channels,
                            parts);
            context.run(columns(channels) * parts, 1);
            boolean mixed = isMixed(x, gamma);
            if (mixed) {
                context.kernels()
                        .batchNormBackwardFinishMixed(dtype, partial, dgamma, dbeta, total, rows, channels, parts);
            } else {
                context.kernels().batchNormBackwardFinish(dtype, partial, dgamma, dbeta, total, rows, channels, parts);
            }
            context.run(columns(channels), 1);
            if (rows == 0) {
                return;
            }
            if (mixed) {
                context.kernels()
                        .batchNormBackwardApplyMixed(
                                dtype, epsilon, x, gamma, mean, variance, activation, y, dy, total, dx, rows, channels);
            } else {
                context.kernels()
                        .batchNormBackwardApply(
                                dtype, epsilon, x, gamma, mean, variance, activation, y, dy, total, dx, rows, channels);
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
        if (channels > 0) {
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

    /** Tells whether gamma, beta and their gradients are float32 beside x of 16 bits. */
    private static boolean isMixed(Operand x, Operand gamma) {
        return gamma.dtype() != x.dtype();
    }

    /** Returns memory for the given number of sums. */
    private TemporaryBuffer sums(DType dtype, long count) {
        return context.pool().borrow(dtype.accumulator(), count);
    }

    private static int parts(long rows) {
        return (int) Math.max(1, Math.min(MOST_PARTS, rows / ROWS_PER_PART));
    }

    private static long columns(long channels) {
        return (channels + LANES - 1) / LANES;
    }
}
