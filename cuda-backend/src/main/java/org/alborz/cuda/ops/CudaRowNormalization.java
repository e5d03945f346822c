package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.RowNormalization;
import org.alborz.backend.RowNormalizationSum;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/** Normalisation of rows, a row at a time; the gradients of gamma and beta are summed in parts, whose number depends on the sizes alone. */
final class CudaRowNormalization implements RowNormalization, RowNormalizationSum {
    private static final int LANES = 32;
    private static final int ROWS_PER_PART = 128;
    private static final int MOST_PARTS = 512;

    private final LaunchContext context;

    CudaRowNormalization(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void rowNorm(boolean centred, double epsilon, Operand x, Operand gamma, Operand beta, Operand y) {
        long n = Operands.elements(x);
        if (n == 0) {
            return;
        }
        long width = x.shape().size(-1);
        long rows = n / width;
        int mean = centred ? 1 : 0;
        if (isMixed(x, gamma)) {
            context.kernels().rowNormMixed(x.dtype(), mean, epsilon, x, gamma, beta, y, rows, width);
        } else {
            context.kernels().rowNorm(x.dtype(), mean, epsilon, x, gamma, beta, y, rows, width);
        }
        context.runRows(rows, width);
    }

    @Override
    public void rowNormBackward(
            boolean centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta) {
        backward(centred, epsilon, x, gamma, dy, null, dx, dgamma, dbeta);
    }

    @Override
    public void addRowNormBackward(
            boolean centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta) {
        backward(centred, epsilon, x, gamma, dy, dx, dx, dgamma, dbeta);
    }

    /** @param addend what is added to dx, which may be dx itself; null for nothing */
    private void backward(
            boolean centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand addend,
            Operand dx,
            Operand dgamma,
            Operand dbeta) {
        long width = x.shape().size(-1);
        if (width == 0) {
            return;
        }
        long rows = Operands.elements(x) / width;
        int mean = centred ? 1 : 0;
        DType dtype = x.dtype();
        if (dgamma == null) {
            if (rows > 0) {
                context.kernels().rowNormBackward(dtype, mean, epsilon, x, gamma, dy, addend, dx, null, rows, width);
                context.runRows(rows, width);
            }
            return;
        }
        int parts = (int) Math.max(1, Math.min(MOST_PARTS, rows / ROWS_PER_PART));
        long columns = (width + LANES - 1) / LANES;
        boolean mixed = isMixed(x, gamma);
        try (TemporaryBuffer statistics = context.pool().borrow(dtype.accumulator(), 2 * Math.max(1, rows));
                TemporaryBuffer partial = context.pool().borrow(dtype.accumulator(), 2 * parts * width)) {
            if (rows > 0 && mixed) {
                context.kernels()
                        .rowNormBackwardMixed(dtype, mean, epsilon, x, gamma, dy, addend, dx, statistics, rows, width);
                context.runRows(rows, width);
            } else if (rows > 0) {
                context.kernels()
                        .rowNormBackward(dtype, mean, epsilon, x, gamma, dy, addend, dx, statistics, rows, width);
                context.runRows(rows, width);
            }
            context.kernels().rowNormBackwardSums(dtype, mean, x, dy, statistics, partial, rows, width, parts);
            context.run(columns * parts, 1);
            if (mixed) {
                context.kernels().rowNormBackwardFinishMixed(dtype, partial, dgamma, dbeta, width, parts);
            } else {
                context.kernels().rowNormBackwardFinish(dtype, partial, dgamma, dbeta, width, parts);
            }
            context.run(columns, 1);
        }
    }

    /** Tells whether gamma, beta and their gradients are float32 beside x of 16 bits. */
    private static boolean isMixed(Operand x, Operand gamma) {
        return gamma != null && gamma.dtype() != x.dtype();
    }
}
