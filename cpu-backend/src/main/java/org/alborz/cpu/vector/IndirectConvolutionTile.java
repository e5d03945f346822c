package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import java.util.Arrays;

/**
 * The micro-kernel of every convolution that is computed directly: a small block of a matrix product whose left matrix is read in place.
 *
 * <p>Row {@code r} and column {@code v} of the block become {@code start[v] + Σᵢ a[aAt + rows[r] + term(i)] · b[bAt + i·width + v]}, the
 * sum taken in the order of i. The terms come in runs of adjacent numbers, one after the other; rows and runs are looked up, so the same
 * kernel serves stride, dilation, groups, padding (the image has been copied into a frame of zeros) and both directions.
 *
 * <p>The fields hold what stays the same from block to block. An instance belongs to one thread.
 */
final class IndirectConvolutionTile {
    /** Rows of a block that is two vectors wide: as many as there are registers for. */
    static final int WIDE_ROWS = Lanes.REGISTERS == 32 ? 8 : 4;

    /** Rows of a block that is one vector wide: enough sums to keep the processor busy. A multiple of {@link #WIDE_ROWS}. */
    static final int NARROW_ROWS = 8;

    /** A table of rows that are all at the same position. */
    private static final int[] SAME = new int[NARROW_ROWS];

    /** A table of the rows of a block that is two vectors wide; its first rows serve a block of one vector as well. */
    static final int[] BLOCK_ROWS = blockRows();

    /** The left matrix; {@code rows} is readable up to the next multiple of the block's rows. */
    float[] a;

    int[] rows;

    /** What reading ahead gives. */
    float ahead;

    /** Where each run of terms begins, from the row's first number on. */
    int[] runs;

    /** Terms of a run, a multiple of {@link MicroKernels#RUN_TERMS}. */
    int run;

    /** The right matrix in panels. */
    float[] b;

    /** What the sums of every row start from. */
    float[] start;

    /** The result. */
    float[] c;

    int[] cRows;

    private static int[] blockRows() {
        int[] rows = new int[NARROW_ROWS];
        Arrays.setAll(rows, i -> i * 2 * L);
        return rows;
    }

    /**
     * Computes {@link #WIDE_ROWS} rows of two vectors.
     *
     * @param row the first row's place in {@code rows}
     * @param cRow its place in {@code cRows}
     */
    void wide(int row, int aAt, int bAt, int startAt, int cRow, int cAt) {
        addWide(start, SAME, row, aAt + runs[0], bAt, 0, startAt, cRow, cAt);
        for (int i = 1; i < runs.length; i++) {
            addWide(c, cRows, row, aAt + runs[i], bAt + i * run * 2 * L, cRow, cAt, cRow, cAt);
        }
    }

    /** Computes {@link #NARROW_ROWS} rows of one vector; the arguments are those of {@link #wide}. */
    void narrow(int row, int aAt, int bAt, int startAt, int cRow, int cAt) {
        MicroKernels.runs8x1(this, start, SAME, row, aAt + runs[0], bAt, 0, startAt, cRow, cAt);
        for (int i = 1; i < runs.length; i++) {
            MicroKernels.runs8x1(this, c, cRows, row, aAt + runs[i], bAt + i * run * L, cRow, cAt, cRow, cAt);
        }
    }

    private void addWide(
            float[] from, int[] fromRows, int row, int aAt, int bAt, int fromRow, int fromAt, int cRow, int cAt) {
        if (WIDE_ROWS == 8) {
            MicroKernels.runs8x2(this, from, fromRows, row, aAt, bAt, fromRow, fromAt, cRow, cAt);
        } else {
            MicroKernels.runs4x2(this, from, fromRows, row, aAt, bAt, fromRow, fromAt, cRow, cAt);
        }
    }
}
