package org.alborz.cuda.ops;

import org.alborz.type.DType;

/** Exchanges the rows and columns of matrices, by tiles, so that both sides are read and written in runs. */
final class Transpose {
    private static final int TILE = 32;

    private final LaunchContext context;
    private final TypedKernel kernel;

    Transpose(LaunchContext context) {
        this.context = context;
        this.kernel = context.kernel("transpose");
    }

    /** Turns one matrix {@code [rows, columns]} that is contiguous. */
    void run(DType dtype, long x, long y, int rows, int columns) {
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
            long x,
            long y,
            int rows,
            int columns,
            long batch,
            long xBatch,
            long xRow,
            long yBatch,
            long yRow) {
        context.launch(kernel.of(dtype))
                .address(x)
                .address(y)
                .value(rows)
                .value(columns)
                .value(batch)
                .value(xBatch)
                .value(xRow)
                .value(yBatch)
                .value(yRow);
        context.run(batch * tiles(rows) * tiles(columns), 1);
    }

    private static long tiles(int size) {
        return (size + TILE - 1) / TILE;
    }
}
