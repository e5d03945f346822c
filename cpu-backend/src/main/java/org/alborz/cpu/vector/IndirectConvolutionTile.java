package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernel of every convolution: a small block of a matrix product whose left matrix is read in place through two tables.
 *
 * <p>Row {@code r} and column vector {@code v} of the block become
 * {@code max(floor, start[r, v] + Σᵢ a[aAt + rows[r] + steps[i]] · b[bAt + i·bStep + v])}, the sum taken in the order of i.
 * Because both the rows and the terms are looked up, the same kernel serves stride, dilation, groups, padding (the image has
 * been copied into a frame of zeros) and all three directions.
 *
 * <p>The kernels are long because they must be: an accumulator has to be a local variable of the one method that loads, sums and
 * stores it, and may live across one flat loop only, or the compiler puts it on the heap at a tenth of the speed. The fields hold
 * what stays the same from block to block. An instance belongs to one thread.
 */
final class IndirectConvolutionTile {
    /** Rows of a block that is two vectors wide: as many as there are registers for. */
    static final int WIDE_ROWS = L >= 16 ? 8 : 4;

    /** Rows of a block that is one vector wide: enough sums to keep the processor busy. A multiple of {@link #WIDE_ROWS}. */
    static final int NARROW_ROWS = 8;

    /** A table of rows that are all at the same position. */
    static final int[] SAME = new int[NARROW_ROWS];

    /** A table of the rows of a block that is two vectors wide; its first rows serve a block of one vector as well. */
    static final int[] BLOCK_ROWS = blockRows();

    /** The left matrix; {@code rows} is readable up to the next multiple of the block's rows. */
    float[] a;

    int[] rows;
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
            wide8(row, aAt, bAt, startRow, startAt, cRow, cAt);
        } else {
            wide4(row, aAt, bAt, startRow, startAt, cRow, cAt);
        }
        raise(WIDE_ROWS, 2 * L, cRow, cAt);
    }

    /** Computes {@link #NARROW_ROWS} rows of one vector; the arguments are those of {@link #wide}. */
    void narrow(int row, int aAt, int bAt, int startRow, int startAt, int cRow, int cAt) {
        narrow8(row, aAt, bAt, startRow, startAt, cRow, cAt);
        raise(NARROW_ROWS, L, cRow, cAt);
    }

    /**
     * Raises the block's results to the floor, while they are still close by. Not in the kernels themselves: there, sixteen more
     * operations of two vectors made the compiler put sums on the heap (see the package's rules).
     */
    private void raise(int rows, int columns, int cRow, int cAt) {
        if (floor == Float.NEGATIVE_INFINITY) {
            return;
        }
        for (int r = 0; r < rows; r++) {
            int at = cAt + cRows[cRow + r];
            for (int j = 0; j < columns; j += L) {
                FloatVector.fromArray(S, c, at + j).max(floor).intoArray(c, at + j);
            }
        }
    }

    /** Computes 8 rows of 2 vectors. */
    private void wide8(int row, int aAt, int bAt, int startRow, int startAt, int cRow, int cAt) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        float[] start = this.start;
        int[] steps = this.steps;
        int bStep = this.bStep;
        int end = firstStep + depth;
        int r0 = aAt + rows[row + 0];
        int r1 = aAt + rows[row + 1];
        int r2 = aAt + rows[row + 2];
        int r3 = aAt + rows[row + 3];
        int r4 = aAt + rows[row + 4];
        int r5 = aAt + rows[row + 5];
        int r6 = aAt + rows[row + 6];
        int r7 = aAt + rows[row + 7];
        int s0 = startAt + startRows[startRow + 0];
        int s1 = startAt + startRows[startRow + 1];
        int s2 = startAt + startRows[startRow + 2];
        int s3 = startAt + startRows[startRow + 3];
        int s4 = startAt + startRows[startRow + 4];
        int s5 = startAt + startRows[startRow + 5];
        int s6 = startAt + startRows[startRow + 6];
        int s7 = startAt + startRows[startRow + 7];
        FloatVector c0a = FloatVector.fromArray(S, start, s0);
        FloatVector c0b = FloatVector.fromArray(S, start, s0 + L);
        FloatVector c1a = FloatVector.fromArray(S, start, s1);
        FloatVector c1b = FloatVector.fromArray(S, start, s1 + L);
        FloatVector c2a = FloatVector.fromArray(S, start, s2);
        FloatVector c2b = FloatVector.fromArray(S, start, s2 + L);
        FloatVector c3a = FloatVector.fromArray(S, start, s3);
        FloatVector c3b = FloatVector.fromArray(S, start, s3 + L);
        FloatVector c4a = FloatVector.fromArray(S, start, s4);
        FloatVector c4b = FloatVector.fromArray(S, start, s4 + L);
        FloatVector c5a = FloatVector.fromArray(S, start, s5);
        FloatVector c5b = FloatVector.fromArray(S, start, s5 + L);
        FloatVector c6a = FloatVector.fromArray(S, start, s6);
        FloatVector c6b = FloatVector.fromArray(S, start, s6 + L);
        FloatVector c7a = FloatVector.fromArray(S, start, s7);
        FloatVector c7b = FloatVector.fromArray(S, start, s7 + L);
        int at = bAt;
        for (int i = firstStep; i < end; i++) {
            int step = steps[i];
            FloatVector b0 = FloatVector.fromArray(S, b, at);
            FloatVector b1 = FloatVector.fromArray(S, b, at + L);
            FloatVector a0 = FloatVector.broadcast(S, a[r0 + step]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[r1 + step]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[r2 + step]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[r3 + step]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            FloatVector a4 = FloatVector.broadcast(S, a[r4 + step]);
            c4a = a4.fma(b0, c4a);
            c4b = a4.fma(b1, c4b);
            FloatVector a5 = FloatVector.broadcast(S, a[r5 + step]);
            c5a = a5.fma(b0, c5a);
            c5b = a5.fma(b1, c5b);
            FloatVector a6 = FloatVector.broadcast(S, a[r6 + step]);
            c6a = a6.fma(b0, c6a);
            c6b = a6.fma(b1, c6b);
            FloatVector a7 = FloatVector.broadcast(S, a[r7 + step]);
            c7a = a7.fma(b0, c7a);
            c7b = a7.fma(b1, c7b);
            at += bStep;
        }
        int y0 = cAt + cRows[cRow + 0];
        c0a.intoArray(c, y0);
        c0b.intoArray(c, y0 + L);
        int y1 = cAt + cRows[cRow + 1];
        c1a.intoArray(c, y1);
        c1b.intoArray(c, y1 + L);
        int y2 = cAt + cRows[cRow + 2];
        c2a.intoArray(c, y2);
        c2b.intoArray(c, y2 + L);
        int y3 = cAt + cRows[cRow + 3];
        c3a.intoArray(c, y3);
        c3b.intoArray(c, y3 + L);
        int y4 = cAt + cRows[cRow + 4];
        c4a.intoArray(c, y4);
        c4b.intoArray(c, y4 + L);
        int y5 = cAt + cRows[cRow + 5];
        c5a.intoArray(c, y5);
        c5b.intoArray(c, y5 + L);
        int y6 = cAt + cRows[cRow + 6];
        c6a.intoArray(c, y6);
        c6b.intoArray(c, y6 + L);
        int y7 = cAt + cRows[cRow + 7];
        c7a.intoArray(c, y7);
        c7b.intoArray(c, y7 + L);
    }

    /** Computes 4 rows of 2 vectors. */
    private void wide4(int row, int aAt, int bAt, int startRow, int startAt, int cRow, int cAt) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        float[] start = this.start;
        int[] steps = this.steps;
        int bStep = this.bStep;
        int end = firstStep + depth;
        int r0 = aAt + rows[row + 0];
        int r1 = aAt + rows[row + 1];
        int r2 = aAt + rows[row + 2];
        int r3 = aAt + rows[row + 3];
        int s0 = startAt + startRows[startRow + 0];
        int s1 = startAt + startRows[startRow + 1];
        int s2 = startAt + startRows[startRow + 2];
        int s3 = startAt + startRows[startRow + 3];
        FloatVector c0a = FloatVector.fromArray(S, start, s0);
        FloatVector c0b = FloatVector.fromArray(S, start, s0 + L);
        FloatVector c1a = FloatVector.fromArray(S, start, s1);
        FloatVector c1b = FloatVector.fromArray(S, start, s1 + L);
        FloatVector c2a = FloatVector.fromArray(S, start, s2);
        FloatVector c2b = FloatVector.fromArray(S, start, s2 + L);
        FloatVector c3a = FloatVector.fromArray(S, start, s3);
        FloatVector c3b = FloatVector.fromArray(S, start, s3 + L);
        int at = bAt;
        for (int i = firstStep; i < end; i++) {
            int step = steps[i];
            FloatVector b0 = FloatVector.fromArray(S, b, at);
            FloatVector b1 = FloatVector.fromArray(S, b, at + L);
            FloatVector a0 = FloatVector.broadcast(S, a[r0 + step]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[r1 + step]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[r2 + step]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[r3 + step]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            at += bStep;
        }
        int y0 = cAt + cRows[cRow + 0];
        c0a.intoArray(c, y0);
        c0b.intoArray(c, y0 + L);
        int y1 = cAt + cRows[cRow + 1];
        c1a.intoArray(c, y1);
        c1b.intoArray(c, y1 + L);
        int y2 = cAt + cRows[cRow + 2];
        c2a.intoArray(c, y2);
        c2b.intoArray(c, y2 + L);
        int y3 = cAt + cRows[cRow + 3];
        c3a.intoArray(c, y3);
        c3b.intoArray(c, y3 + L);
    }

    /** Computes 8 rows of 1 vector. */
    private void narrow8(int row, int aAt, int bAt, int startRow, int startAt, int cRow, int cAt) {
        float[] a = this.a;
        float[] b = this.b;
        float[] c = this.c;
        float[] start = this.start;
        int[] steps = this.steps;
        int bStep = this.bStep;
        int end = firstStep + depth;
        int r0 = aAt + rows[row + 0];
        int r1 = aAt + rows[row + 1];
        int r2 = aAt + rows[row + 2];
        int r3 = aAt + rows[row + 3];
        int r4 = aAt + rows[row + 4];
        int r5 = aAt + rows[row + 5];
        int r6 = aAt + rows[row + 6];
        int r7 = aAt + rows[row + 7];
        int s0 = startAt + startRows[startRow + 0];
        int s1 = startAt + startRows[startRow + 1];
        int s2 = startAt + startRows[startRow + 2];
        int s3 = startAt + startRows[startRow + 3];
        int s4 = startAt + startRows[startRow + 4];
        int s5 = startAt + startRows[startRow + 5];
        int s6 = startAt + startRows[startRow + 6];
        int s7 = startAt + startRows[startRow + 7];
        FloatVector c0 = FloatVector.fromArray(S, start, s0);
        FloatVector c1 = FloatVector.fromArray(S, start, s1);
        FloatVector c2 = FloatVector.fromArray(S, start, s2);
        FloatVector c3 = FloatVector.fromArray(S, start, s3);
        FloatVector c4 = FloatVector.fromArray(S, start, s4);
        FloatVector c5 = FloatVector.fromArray(S, start, s5);
        FloatVector c6 = FloatVector.fromArray(S, start, s6);
        FloatVector c7 = FloatVector.fromArray(S, start, s7);
        int at = bAt;
        for (int i = firstStep; i < end; i++) {
            int step = steps[i];
            FloatVector bv = FloatVector.fromArray(S, b, at);
            FloatVector a0 = FloatVector.broadcast(S, a[r0 + step]);
            c0 = a0.fma(bv, c0);
            FloatVector a1 = FloatVector.broadcast(S, a[r1 + step]);
            c1 = a1.fma(bv, c1);
            FloatVector a2 = FloatVector.broadcast(S, a[r2 + step]);
            c2 = a2.fma(bv, c2);
            FloatVector a3 = FloatVector.broadcast(S, a[r3 + step]);
            c3 = a3.fma(bv, c3);
            FloatVector a4 = FloatVector.broadcast(S, a[r4 + step]);
            c4 = a4.fma(bv, c4);
            FloatVector a5 = FloatVector.broadcast(S, a[r5 + step]);
            c5 = a5.fma(bv, c5);
            FloatVector a6 = FloatVector.broadcast(S, a[r6 + step]);
            c6 = a6.fma(bv, c6);
            FloatVector a7 = FloatVector.broadcast(S, a[r7 + step]);
            c7 = a7.fma(bv, c7);
            at += bStep;
        }
        int y0 = cAt + cRows[cRow + 0];
        c0.intoArray(c, y0);
        int y1 = cAt + cRows[cRow + 1];
        c1.intoArray(c, y1);
        int y2 = cAt + cRows[cRow + 2];
        c2.intoArray(c, y2);
        int y3 = cAt + cRows[cRow + 3];
        c3.intoArray(c, y3);
        int y4 = cAt + cRows[cRow + 4];
        c4.intoArray(c, y4);
        int y5 = cAt + cRows[cRow + 5];
        c5.intoArray(c, y5);
        int y6 = cAt + cRows[cRow + 6];
        c6.intoArray(c, y6);
        int y7 = cAt + cRows[cRow + 7];
        c7.intoArray(c, y7);
    }
}
