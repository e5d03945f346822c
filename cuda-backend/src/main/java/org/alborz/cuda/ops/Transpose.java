package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.type.DType;

/** Exchanges the rows and columns of matrices, by tiles, so that both sides are read and written in runs. */
final class Transpose {
    private static final int TILE = 32;

    private final LaunchContext context;

    Transpose(LaunchContext context) {
        this.context = context;
    }

    /** Turns one matrix {@code [rows, columns]} that is contiguous. */
    void run(DType dtype, Operand x, Operand y, int rows, int columns) {
        run(dtype, x, y, rows, columns, 1, 0, columns, 0, rows);
    }

    /**
     * Computes {@code y[b, c, r] = x[b, r, c]}, both with stride 1 along the last axis.
     *
     * @param xRow elements from one row of {@code x} to the next
     * @param yRow elements from one row of {@code y} to the next
     */
    void run(
            DType dtype,
            Operand x,
            Operand y,
            int rows,
            int columns,
            long batch,
            long xBatch,
            long xRow,
            long yBatch,
            long yRow) {
        context.kernels().transpose(dtype, x, y, rows, columns, batch, xBatch, xRow, yBatch, yRow);
        context.run(batch * tiles(rows) * tiles(columns), 1);
    }

    private static long tiles(int size) {
        return (size + TILE - 1) / TILE;
    }
}
