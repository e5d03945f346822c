package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;

/**
 * The right matrix of a product that each step of a recurrent net does again, packed once in the workers' shared memory. A number of the product
 * is one chain of multiply-adds from 0 in the order of the terms, whichever rows are computed together, as those of {@link Gemm}.
 */
final class RecurrentWeight {
    /** Rows come in multiples of this. */
    static final int ROWS = BlockedProduct.ROWS;

    /** With 16 registers: rows that both the kernel of six packed rows, which is the faster one, and that of four rows in place divide. */
    private static final int BOTH = 12;

    /** Terms of packed rows at a time, so that a panel's share of them stays in the first cache. */
    private static final int SLICE = 256;

    private final Matrix matrix;
    private final float[] panels;
    private final float[] zeros = new float[COLUMNS];

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
     * Multiplies rows.
     *
     * @param a a multiple of {@link #ROWS} rows of adjacent terms
     * @param c the product, its rows {@link #step} apart
     * @param memory of the worker, whose {@link Workspace.Use#LEFT} this overwrites
     */
    void multiply(Matrix a, float[] c, int cAt, Workspace memory) {
        int terms = matrix.rows();
        int step = step();
        int packed = GemmKernel.ROWS == 6 ? a.rows() - a.rows() % BOTH : 0;
        float[] left = memory.floats(Workspace.Use.LEFT, Packing.rowPanel(packed, terms));
        Packing.rows(a, 0, 0, 0, packed, terms, left, 0);
        int rest = a.at() + packed * a.rowStride();
        for (int j = 0; j < matrix.columns(); j += COLUMNS) {
            int panel = Packing.columnPanel(j, terms);
            int to = cAt + j;
            multiplyPacked(packed, left, panel, c, to);
            BlockedProduct.product(
                    a.rows() - packed,
                    COLUMNS,
                    a.array(),
                    rest,
                    a.rowStride(),
                    terms,
                    panels,
                    panel,
                    c,
                    to + packed * step,
                    step);
        }
    }

    /** Multiplies packed rows by a panel, some of its terms after the other. */
    private void multiplyPacked(int rows, float[] left, int panel, float[] c, int cAt) {
        int terms = Packing.packedTerms(matrix.rows());
        int step = step();
        for (int t = 0; t < terms; t += SLICE) {
            for (int r = 0; r < rows; r += GemmKernel.ROWS) {
                int at = cAt + r * step;
                GemmKernel.run(
                        Math.min(SLICE, terms - t),
                        left,
                        Packing.rowPanel(r, terms) + t * MicroKernels.PANEL,
                        panels,
                        panel + t * COLUMNS,
                        t == 0 ? zeros : c,
                        t == 0 ? 0 : at,
                        t == 0 ? 0 : step,
                        c,
                        at,
                        step,
                        Float.NEGATIVE_INFINITY);
            }
        }
    }
}
