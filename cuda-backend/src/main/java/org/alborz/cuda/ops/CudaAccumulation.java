package org.alborz.cuda.ops;

import org.alborz.backend.Accumulation;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/** Sums of metrics, one kernel a sum. */
final class CudaAccumulation implements Accumulation {
    private static final int PER_BLOCK = 256;

    private final LaunchContext context;
    private final FinishedBlocks finished;

    CudaAccumulation(LaunchContext context, FinishedBlocks finished) {
        this.context = context;
        this.finished = finished;
    }

    @Override
    public void add(double factor, Operand x, Operand sum) {
        long n = Operands.elements(sum);
        if (n > 0) {
            context.kernels().accumulate(x.dtype(), factor, x, sum, n);
            context.run(n, PER_BLOCK);
        }
    }

    @Override
    public void addHits(double factor, Operand x, Operand labels, Operand sum) {
        long rows = x.shape().size(0);
        long width = x.shape().size(1);
        if (rows == 0) {
            return;
        }
        long blocks = (rows - 1) / RowKernel.rowsPerBlock(width) + 1;
        try (TemporaryBuffer partial = context.pool().borrow(DType.INT32, blocks)) {
            context.kernels().hits(x.dtype(), factor, x, labels, partial, sum, finished, rows, width);
            context.runRows(rows, width);
        }
    }
}
