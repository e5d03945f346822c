package org.alborz.cuda.ops;

import org.alborz.backend.BiasGradient;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Activation;
import org.alborz.type.Pool2dParameters;

/**
 * The gradient of a bias in the kernel that passes the gradient of the activation, and of the pooling, on. Sums are taken in parts, which the last
 * block adds up in order; how many there are depends on the sizes alone.
 */
final class CudaBiasGradient implements BiasGradient {
    private static final int LANES = 32;
    private static final int BYTES_AT_ONCE = 16;
    private static final int ROWS_PER_PART = 128;
    private static final int MOST_BLOCKS = 1024;

    private final LaunchContext context;
    private final Elementwise elementwise;
    private final FinishedBlocks finished;
    private final CudaPooling pooling;

    CudaBiasGradient(LaunchContext context, Elementwise elementwise, FinishedBlocks finished, CudaPooling pooling) {
        this.context = context;
        this.elementwise = elementwise;
        this.finished = finished;
        this.pooling = pooling;
    }

    @Override
    public void apply(Activation activation, Operand y, Operand dy, Operand dz, Operand dbias) {
        if (isEmpty(dz, dbias)) {
            return;
        }
        long columns = Operands.elements(dbias);
        long rows = Operands.elements(dz) / columns;
        long blocks = blocks(dz, columns);
        int parts = parts(rows, blocks);
        try (TemporaryBuffer partial = context.pool().borrow(dz.dtype().accumulator(), columns * parts)) {
            context.kernels()
                    .biasBackward(dz.dtype(), activation, y, dy, dz, partial, dbias, finished, rows, columns, parts);
            context.run(blocks * parts, 1);
        }
    }

    @Override
    public void afterPooling(
            Activation activation,
            Pool2dParameters p,
            Operand y,
            Operand pooled,
            Operand dPooled,
            Operand dz,
            Operand dbias) {
        if (isEmpty(dz, dbias)) {
            return;
        }
        long columns = Operands.elements(dbias);
        long blocks = blocks(dz, columns);
        int parts = parts(Operands.elements(dz) / columns, blocks);
        try (TemporaryBuffer partial = context.pool().borrow(dz.dtype().accumulator(), columns * parts)) {
            pooling.maxBiasBackward(activation, p, y, pooled, dPooled, dz, partial, dbias, finished, parts);
            context.run(blocks * parts, 1);
        }
    }

    private boolean isEmpty(Operand dz, Operand dbias) {
        if (Operands.elements(dz) > 0) {
            return false;
        }
        elementwise.fill(0, dbias);
        return true;
    }

    /** Returns how many blocks the columns take, a part of the rows each. */
    static long blocks(Operand dz, long columns) {
        int atOnce = BYTES_AT_ONCE / dz.dtype().bytes();
        long packs = columns % atOnce == 0 ? columns / atOnce : columns;
        return (packs + LANES - 1) / LANES;
    }

    /** Returns in how many parts the rows are summed. */
    static int parts(long rows, long blocks) {
        return (int) Math.max(1, Math.min(MOST_BLOCKS / blocks, rows / ROWS_PER_PART));
    }
}
