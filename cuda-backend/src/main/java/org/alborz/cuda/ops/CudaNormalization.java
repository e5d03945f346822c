package org.alborz.cuda.ops;

import org.alborz.backend.Normalization;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.Scratch;
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

    private final Workplace workplace;
    private final TypedKernel statistics;
    private final TypedKernel finish;
    private final TypedKernel apply;
    private final TypedKernel backwardSums;
    private final TypedKernel backwardFinish;
    private final TypedKernel backwardApply;

    CudaNormalization(Workplace workplace) {
        this.workplace = workplace;
        statistics = workplace.kernel("batch_norm_statistics");
        finish = workplace.kernel("batch_norm_finish");
        apply = workplace.kernel("batch_norm_apply");
        backwardSums = workplace.kernel("batch_norm_backward_sums");
        backwardFinish = workplace.kernel("batch_norm_backward_finish");
        backwardApply = workplace.kernel("batch_norm_backward_apply");
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
        try (Scratch partial = sums(dtype, parts * channels);
                Scratch scale = sums(dtype, channels)) {
            workplace
                    .launch(statistics.of(dtype))
                    .address(Operands.address(x))
                    .address(partial.address())
                    .value(rows)
                    .value(channels)
                    .value(parts);
            workplace.run(columns(channels) * parts, 1);
            workplace
                    .launch(finish.of(dtype))
                    .value(epsilon)
                    .address(partial.address())
                    .address(Operands.address(mean))
                    .address(Operands.address(variance))
                    .address(scale.address())
                    .value(rows)
                    .value(channels)
                    .value(parts);
            workplace.run(columns(channels), 1);
            if (rows > 0) {
                workplace
                        .launch(apply.of(dtype))
                        .address(Operands.address(x))
                        .address(Operands.address(gamma))
                        .address(Operands.address(beta))
                        .address(scale.address())
                        .address(Operands.address(y))
                        .value(rows)
                        .value(channels);
                workplace.run(rows * channels, PER_BLOCK);
            }
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
        try (Scratch partial = sums(dtype, parts * channels);
                Scratch total = sums(dtype, channels)) {
            workplace
                    .launch(backwardSums.of(dtype))
                    .value(epsilon)
                    .address(Operands.address(x))
                    .address(Operands.address(mean))
                    .address(Operands.address(variance))
                    .address(Operands.address(dy))
                    .address(partial.address())
                    .value(rows)
                    .value(channels)
                    .value(parts);
            workplace.run(columns(channels) * parts, 1);
            workplace
                    .launch(backwardFinish.of(dtype))
                    .address(partial.address())
                    .address(Operands.address(dgamma))
                    .address(Operands.address(dbeta))
                    .address(total.address())
                    .value(channels)
                    .value(parts);
            workplace.run(columns(channels), 1);
            if (rows > 0) {
                workplace
                        .launch(backwardApply.of(dtype))
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
                workplace.run(rows * channels, PER_BLOCK);
            }
        }
    }

    /** Returns memory for two sums of each. */
    private Scratch sums(DType dtype, long count) {
        return workplace.pool().borrow(Operands.accumulator(dtype), 2 * count);
    }

    private static int parts(long rows) {
        return (int) Math.max(1, Math.min(MOST_PARTS, rows / ROWS_PER_PART));
    }

    private static long columns(long channels) {
        return (channels + LANES - 1) / LANES;
    }
}
