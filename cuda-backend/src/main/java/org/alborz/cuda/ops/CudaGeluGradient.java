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
    private KeptOperand keptDy;
    private KeptOperand keptX;

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
            keptDy = KeptOperand.of(dy);
            keptX = KeptOperand.of(x);
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
