package org.alborz.cuda.ops;

import org.alborz.backend.Activation;
import org.alborz.backend.Normalization;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/**
 * Batch normalisation by kernels of ours: cuDNN's legacy call returns the inverse deviation and the unbiased variance, from neither of
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
    private final TypedKernel statistics;
    private final TypedKernel finish;
    private final TypedKernel apply;
    private final TypedKernel backwardSums;
    private final TypedKernel backwardFinish;
    private final TypedKernel backwardApply;

    CudaNormalization(LaunchContext context) {
        this.context = context;
        statistics = context.kernel("batch_norm_statistics");
        finish = context.kernel("batch_norm_finish");
        apply = context.kernel("batch_norm_apply");
        backwardSums = context.kernel("batch_norm_backward_sums");
        backwardFinish = context.kernel("batch_norm_backward_finish");
        backwardApply = context.kernel("batch_norm_backward_apply");
    }

    @Override
    public void batchNorm(
            double epsilon, Operand x, Operand gamma, Operand beta, Operand y, Operand mean, Operand variance) {
        long channels = x.shape().size(1);
        if (channels == 0) {
            return;
        }
        long rows = Operands.elements(x) / channels;
        int parts = parts(rows);
        DType dtype = x.dtype();
        try (TemporaryBuffer partial = sums(dtype, 2 * parts * channels);
                TemporaryBuffer line = sums(dtype, 2 * channels)) {
            long scale = line.address();
            long shift = scale + channels * dtype.accumulator().bytes();
            context.launch(statistics.of(dtype))
                    .address(Operands.address(x))
                    .address(partial.address())
                    .value(rows)
                    .value(channels)
                    .value(parts);
            context.run(columns(channels) * parts, 1);
            context.launch(finish.of(dtype))
                    .value(epsilon)
                    .address(partial.address())
                    .address(Operands.address(x))
                    .address(Operands.address(gamma))
                    .address(Operands.address(beta))
                    .address(Operands.address(mean))
                    .address(Operands.address(variance))
                    .address(scale)
                    .address(shift)
                    .value(rows)
                    .value(channels)
                    .value(parts);
            context.run(columns(channels), 1);
            apply(x, Operands.address(mean), scale, shift, null, Activation.NONE, y);
        }
    }

    @Override
    public void normalize(
            Operand x, Operand mean, Operand scale, Operand shift, Operand addend, Activation activation, Operand y) {
        apply(x, Operands.address(mean), Operands.address(scale), Operands.address(shift), addend, activation, y);
    }

    private void apply(Operand x, long mean, long scale, long shift, Operand addend, Activation activation, Operand y) {
        long elements = Operands.elements(x);
        if (elements > 0) {
            long channels = x.shape().size(1);
            context.launch(apply.of(x.dtype()))
                    .address(Operands.address(x))
                    .address(mean)
                    .address(scale)
                    .address(shift)
                    .address(Operands.addressOrNone(addend))
                    .value(activation.ordinal())
                    .address(Operands.address(y))
                    .value(elements / channels)
                    .value(channels);
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
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta) {
        long channels = x.shape().size(1);
        if (channels == 0) {
            return;
        }
        long rows = Operands.elements(x) / channels;
        int parts = parts(rows);
        DType dtype = x.dtype();
        try (TemporaryBuffer partial = sums(dtype, 3 * parts * channels);
                TemporaryBuffer total = sums(dtype, 2 * channels)) {
            context.launch(backwardSums.of(dtype))
                    .value(epsilon)
                    .address(Operands.address(x))
                    .address(Operands.address(mean))
                    .address(Operands.address(variance))
                    .address(Operands.address(dy))
                    .address(partial.address())
                    .value(rows)
                    .value(channels)
                    .value(parts);
            context.run(columns(channels) * parts, 1);
            context.launch(backwardFinish.of(dtype))
                    .address(partial.address())
                    .address(Operands.address(dgamma))
                    .address(Operands.address(dbeta))
                    .address(total.address())
                    .value(rows)
                    .value(channels)
                    .value(parts);
            context.run(columns(channels), 1);
            if (rows > 0) {
                context.launch(backwardApply.of(dtype))
                        .value(epsilon)
                        .address(Operands.address(x))
                        .address(Operands.address(gamma))
                        .address(Operands.address(mean))
                        .address(Operands.address(variance))
                        .address(Operands.address(dy))
                        .address(total.address())
                        .address(Operands.address(dx))
                        .value(rows)
                        .value(channels);
                context.run(rows * channels, PER_BLOCK);
            }
        }
    }

    /** Returns memory for so many sums. */
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
