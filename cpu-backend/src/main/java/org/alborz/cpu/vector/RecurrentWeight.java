package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;

/**
 * The right matrix of a product that each step of a recurrent net does again, packed once in the workers' shared memory. A number of the product
 * is one chain of multiply-adds from 0 in the order of the terms, whichever rows are computed together, as those of {@link Gemm}.
 */
final class RecurrentWeight {
    /** Rows come in multiples of this. */
    static final int ROWS = BlockedProduct.ROWS;

    private final Matrix matrix;
    private final float[] panels;

    RecurrentWeight(WorkerPool workers, Matrix matrix) {
        this.matrix = matrix;
        int columns = matrix.columns();
        int terms = matrix.rows();
        panels = workers.shared().floats(Workspace.Use.RIGHT, Gemm.packedSize(terms, columns));
        workers.run(Gemm.ceilDiv(columns, COLUMNS), (task, worker) -> {
            int from = task * COLUMNS;
            Packing.columns(matrix, 0, 0, from, Math.min(columns, from + COLUMNS), terms, panels, 0);
        });
    }

    /** Returns how far apart the rows of a product are: the columns, filled up. */
    int step() {
        return Gemm.roundUp(matrix.columns(), COLUMNS);
    }

    /**
     * Multiplies rows, a multiple of {@link #ROWS} of them.
     *
     * @param aStep from one row to the next
     * @param c the product, its rows {@link #step} apart
     */
    void multiply(int rows, float[] a, int aAt, int aStep, float[] c, int cAt) {
        int terms = matrix.rows();
        int step = step();
        for (int j = 0; j < matrix.columns(); j += COLUMNS) {
            BlockedProduct.product(
                    rows, COLUMNS, a, aAt, aStep, terms, panels, Packing.columnPanel(j, terms), c, cAt + j, step);
        }
    }
}
