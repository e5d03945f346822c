package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernel of every convolution: a small block of a matrix product whose left matrix is read in place through two tables.
 *
 * <p>Row {@code r} and column vector {@code v} of the block become
 * {@code min(ceiling, max(floor, start[r, v] + Σᵢ a[aAt + rows[r] + steps[i]] · b[bAt + i·bStep + v]))}, the sum taken in the order of i.
 * Because both the rows and the terms are looked up, the same kernel serves stride, dilation, groups, padding (the image has
 * been copied into a frame of zeros) and all three directions.
 *
 * <p>The fields hold what stays the same from block to block. An instance belongs to one thread.
 */
final class IndirectConvolutionTile {
    /** Rows of a block that is two vectors wide: as many as there are registers for. */
    static final int WIDE_ROWS = Lanes.REGISTERS == 32 ? 8 : 4;

    /** Rows of a block that is one vector wide: enough sums to keep the processor busy. A multiple of {@link #WIDE_ROWS}. */
    static final int NARROW_ROWS = 8;

    /** A table of rows that are all at the same position. */
    static final int[] SAME = new int[NARROW_ROWS];

    /** A table of the rows of a block that is two vectors wide; its first rows serve a block of one vector as well. */
    static final int[] BLOCK_ROWS = blockRows();

    /** The left matrix; {@code rows} is readable up to the next multiple of the block's rows. */
    float[] a;

    int[] rows;

    /** Whether rows follow each other and are read ahead, and what that gives. */
    boolean readsAhead;

    float ahead;
    int[] steps;
    int firstStep;
    int depth;

    /** The right matrix, whose rows are {@code bStep} apart. */
    float[] b;

    int bStep;

    /** What the sums start from. */
    float[] start;

    int[] startRows;

    /** The result. */
    float[] c;

    int[] cRows;

    /** The least value of a result: 0 for a rectifier, −∞ for none. */
    float floor;

    float ceiling = Float.POSITIVE_INFINITY;

    private static int[] blockRows() {
        int[] rows = new int[NARROW_ROWS];
        Arrays.setAll(rows, i -> i * 2 * L);
        return rows;
    }

    /**
     * Computes {@link #WIDE_ROWS} rows of two vectors.
     *
     * @param row the first row's place in {@code rows}
     * @param startRow its place in {@code startRows}
     * @param cRow its place in {@code cRows}
     */
    void wide(int row, int aAt, int bAt, int startRow, int startAt, int cRow, int cAt) {
        if (WIDE_ROWS == 8) {
            MicroKernels.tables8x2(this, row, aAt, bAt, startRow, startAt, cRow, cAt);
        } else {
            MicroKernels.tables4x2(this, row, aAt, bAt, startRow, startAt, cRow, cAt);
        }
        bound(WIDE_ROWS, 2 * L, cRow, cAt);
    }

    /** Computes {@link #NARROW_ROWS} rows of one vector; the arguments are those of {@link #wide}. */
    void narrow(int row, int aAt, int bAt, int startRow, int startAt, int cRow, int cAt) {
        MicroKernels.tables8x1(this, row, aAt, bAt, startRow, startAt, cRow, cAt);
        bound(NARROW_ROWS, L, cRow, cAt);
    }

    /**
     * Brings the block's results between the floor and the ceiling, while they are still close by. Not in the kernels themselves: there, sixteen more
     * operations of two vectors made the compiler put sums on the heap (see the package's rules).
     */
    private void bound(int rows, int columns, int cRow, int cAt) {
        if (floor == Float.NEGATIVE_INFINITY) {
            return;
        }
        for (int r = 0; r < rows; r++) {
            int at = cAt + cRows[cRow + r];
            for (int j = 0; j < columns; j += L) {
                FloatVector.fromArray(S, c, at + j).max(floor).min(ceiling).intoArray(c, at + j);
            }
        }
    }
}
