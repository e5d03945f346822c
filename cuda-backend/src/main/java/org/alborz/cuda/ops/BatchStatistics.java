package org.alborz.cuda.ops;

import java.util.function.Consumer;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/**
 * The statistics of a batch, and the factor and addend by which it is normalised: of the batch itself, or of the sums that cuDNN adds up while it
 * convolves ({@link DelayedConvolution}).
 */
final class BatchStatistics {
    private static final int LANES = 32;
    private static final int ROWS_PER_PART = 128;
    private static final int MOST_PARTS = 512;

    private final LaunchContext context;
    private final FinishedBlocks finished;
    private final DelayedConvolution convolution;

    BatchStatistics(LaunchContext context, FinishedBlocks finished, DelayedConvolution convolution) {
        this.context = context;
        this.finished = finished;
        this.convolution = convolution;
    }

    /** Computes them for x as {@link CudaNormalization#batchNorm} needs them. */
    void of(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand mean,
            Operand variance,
            Operand scale,
            Operand shift) {
        if (isMixed(x, gamma) && convolution.makes(x)) {
            ofSums(epsilon, x, gamma, beta, mean, variance, scale, shift);
        } else {
            ofAll(epsilon, x, gamma, beta, mean, variance, scale, shift);
        }
    }

    private void ofSums(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand mean,
            Operand variance,
            Operand scale,
            Operand shift) {
        long channels = x.shape().size(1);
        long rows = Operands.elements(x) / channels;
        int parts = parts(rows);
        DType dtype = x.dtype();
        try (TemporaryBuffer sum = numbers(dtype, channels);
                TemporaryBuffer squares = numbers(dtype, channels);
                TemporaryBuffer partial = numbers(dtype, 2L * parts * channels)) {
            Consumer<Operand> fromSums = of -> {
                context.kernels()
                        .batchNormSumsMixed(
                                dtype, epsilon, of, gamma, beta, sum, squares, partial, finished, mean, variance, scale,
                                shift, rows, channels, parts);
                context.run(columns(channels) * parts, 1);
            };
            Consumer<Operand> fromImages = of -> ofAll(epsilon, of, gamma, beta, mean, variance, scale, shift);
            boolean done = convolution.sums(sum, squares, fromSums, fromImages);
            (done ? fromSums : fromImages).accept(x);
        }
    }

    private void ofAll(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand mean,
            Operand variance,
            Operand scale,
            Operand shift) {
        long channels = x.shape().size(1);
        long rows = Operands.elements(x) / channels;
        int parts = parts(rows);
        DType dtype = x.dtype();
        try (TemporaryBuffer partial = numbers(dtype, 2L * parts * channels)) {
            if (isMixed(x, gamma)) {
                context.kernels()
                        .batchNormStatisticsMixed(
                                dtype, epsilon, x, gamma, beta, partial, finished, mean, variance, scale, shift, rows,
                                channels, parts);
            } else {
                context.kernels()
                        .batchNormStatistics(
                                dtype, epsilon, x, gamma, beta, partial, finished, mean, variance, scale, shift, rows,
                                channels, parts);
            }
            context.run(columns(channels) * parts, 1);
        }
    }

    private TemporaryBuffer numbers(DType dtype, long count) {
        return context.pool().borrow(dtype.accumulator(), count);
    }

    /** Tells whether gamma, beta and their gradients are float32 beside x of 16 bits. */
    static boolean isMixed(Operand x, Operand gamma) {
        return gamma.dtype() != x.dtype();
    }

    /** Returns in how many parts the rows of x are added up. */
    static int parts(long rows) {
        return (int) Math.max(1, Math.min(MOST_PARTS, rows / ROWS_PER_PART));
    }

    /** Returns how many tiles of channels there are. */
    static long columns(long channels) {
        return (channels + LANES - 1) / LANES;
    }
}
