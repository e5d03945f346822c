package org.alborz.cuda.ops;

import org.alborz.backend.GeluGradient;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/**
 * GELU's gradient in one kernel, which computes in float32 (float64) and rounds once.
 *
 * <p>The launch is kept back until other work comes ({@link org.alborz.cuda.driver.Stream#delay}): if that sums the columns of the gradient, as is
 * done for a bias before GELU, one launch does both.
 */
final class CudaGeluGradient implements GeluGradient {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final FinishedBlocks finished;
    private final Runnable launch = this::launch;

    // Of the launch that is kept back.
    private DType keptType;
    private long keptElements;
    private long keptAddress;
    private Read keptDy;
    private Read keptX;

    /** An operand that is only read, and where it was: its memory may be handed out again, for elements of another type as well. */
    private record Read(DeviceOperand operand, DType dtype, long begin, long end) {
        static Read of(Operand operand) {
            long begin = Operands.address(operand);
            return new Read(
                    new DeviceOperand(Operands.buffer(operand), operand.layout()),
                    operand.dtype(),
                    begin,
                    begin + bytes(operand));
        }

        /** Tells whether it can still be read while others are written. */
        boolean isIntact(Operand... written) {
            boolean intact = operand.dtype() == dtype && Operands.address(operand) == begin;
            for (Operand other : written) {
                long at = Operands.address(other);
                intact &= at + bytes(other) <= begin || end <= at;
            }
            return intact;
        }

        private static long bytes(Operand dense) {
            return Operands.elements(dense) * dense.dtype().bytes();
        }
    }

    CudaGeluGradient(LaunchContext context, FinishedBlocks finished) {
        this.context = context;
        this.finished = finished;
    }

    @Override
    public void apply(Operand dy, Operand x, Operand dx) {
        long n = Operands.elements(dx);
        if (n > 0) {
            context.kernels().geluBackward(dx.dtype(), dy, x, dx, n);
            keptType = dx.dtype();
            keptElements = n;
            keptAddress = Operands.address(dx);
            keptDy = Read.of(dy);
            keptX = Read.of(x);
            context.stream().delay(launch);
        }
    }

    /** Puts the launch on the stream whose arguments were written. */
    private void launch() {
        context.run(keptElements, PER_BLOCK);
    }

    /**
     * Computes the gradient that was kept back for dx, and the sums of its columns.
     *
     * @param dx dense, rows of columns in the order of its memory
     * @return whether there was one; if not, nothing is done
     */
    boolean addsColumns(Operand dx, long rows, long columns, Operand sums) {
        boolean isKept = context.stream().isDelayed(launch)
                && Operands.address(dx) == keptAddress
                && dx.dtype() == keptType
                && rows * columns == keptElements;
        if (!isKept) {
            return false;
        }
        long blocks = CudaBiasGradient.blocks(dx, columns);
        int parts = CudaBiasGradient.parts(rows, blocks);
        try (TemporaryBuffer partial = context.pool().borrow(keptType.accumulator(), columns * parts)) {
            if (!keptDy.isIntact(partial, sums) || !keptX.isIntact(partial, sums)) {
                return false;
            }
            context.stream().dropDelayed();
            context.kernels()
                    .geluBackwardBias(
                            keptType,
                            keptDy.operand(),
                            keptX.operand(),
                            dx,
                            partial,
                            sums,
                            finished,
                            rows,
                            columns,
                            parts);
            context.run(blocks * parts, 1);
        }
        return true;
    }
}
