package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernel of the matrix product: a block of {@link #ROWS} by {@link #COLUMNS} from two panels, packed or in place.
 *
 * <p>The block becomes {@code max(floor, start + a·b)}, where {@code a} holds ROWS numbers and {@code b} COLUMNS numbers for each
 * of the k terms, one after the other. Both kernels are long because an accumulator has to be a local variable of the one method
 * that loads, sums and stores it, or the compiler puts it on the heap at a tenth of the speed.
 */
final class GemmKernel {
    static final int ROWS = L >= 16 ? 8 : 4;
    static final int COLUMNS = 2 * L;

    private GemmKernel() {}

    /**
     * Computes one block.
     *
     * @param startStep from one row of {@code start} to the next; 0 starts every row alike
     * @param floor the least value of a result: 0 for a rectifier, −∞ for none
     */
    static void run(
            int k,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            float[] start,
            int startAt,
            int startStep,
            float[] c,
            int cAt,
            int cStep,
            float floor) {
        sum(k, a, aAt, ROWS, b, bAt, COLUMNS, start, startAt, startStep, c, cAt, cStep);
        if (floor != Float.NEGATIVE_INFINITY) {
            raise(c, cAt, cStep, floor);
        }
    }

    /**
     * Adds {@code a·b} to one block, from matrices that are not packed.
     *
     * @param aStep from the ROWS numbers of one term to those of the next
     * @param bStep from the COLUMNS numbers of one term to those of the next
     */
    static void add(
            int k, float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, float[] c, int cAt, int cStep) {
        sum(k, a, aAt, aStep, b, bAt, bStep, c, cAt, cStep, c, cAt, cStep);
    }

    private static void sum(
            int k,
            float[] a,
            int aAt,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            float[] start,
            int startAt,
            int startStep,
            float[] c,
            int cAt,
            int cStep) {
        if (ROWS == 8) {
            rows8(k, a, aAt, aStep, b, bAt, bStep, start, startAt, startStep, c, cAt, cStep);
        } else {
            rows4(k, a, aAt, aStep, b, bAt, bStep, start, startAt, startStep, c, cAt, cStep);
        }
    }

    /** Raises the block to the floor; not in the kernels themselves (see the package's rules). */
    private static void raise(float[] c, int cAt, int cStep, float floor) {
        for (int r = 0; r < ROWS; r++) {
            int at = cAt + r * cStep;
            FloatVector.fromArray(S, c, at).max(floor).intoArray(c, at);
            FloatVector.fromArray(S, c, at + L).max(floor).intoArray(c, at + L);
        }
    }

    private static void rows8(
            int k,
            float[] a,
            int aAt,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            float[] start,
            int startAt,
            int startStep,
            float[] c,
            int cAt,
            int cStep) {
        FloatVector c0a = FloatVector.fromArray(S, start, startAt);
        FloatVector c0b = FloatVector.fromArray(S, start, startAt + L);
        FloatVector c1a = FloatVector.fromArray(S, start, startAt + startStep);
        FloatVector c1b = FloatVector.fromArray(S, start, startAt + startStep + L);
        FloatVector c2a = FloatVector.fromArray(S, start, startAt + 2 * startStep);
        FloatVector c2b = FloatVector.fromArray(S, start, startAt + 2 * startStep + L);
        FloatVector c3a = FloatVector.fromArray(S, start, startAt + 3 * startStep);
        FloatVector c3b = FloatVector.fromArray(S, start, startAt + 3 * startStep + L);
        FloatVector c4a = FloatVector.fromArray(S, start, startAt + 4 * startStep);
        FloatVector c4b = FloatVector.fromArray(S, start, startAt + 4 * startStep + L);
        FloatVector c5a = FloatVector.fromArray(S, start, startAt + 5 * startStep);
        FloatVector c5b = FloatVector.fromArray(S, start, startAt + 5 * startStep + L);
        FloatVector c6a = FloatVector.fromArray(S, start, startAt + 6 * startStep);
        FloatVector c6b = FloatVector.fromArray(S, start, startAt + 6 * startStep + L);
        FloatVector c7a = FloatVector.fromArray(S, start, startAt + 7 * startStep);
        FloatVector c7b = FloatVector.fromArray(S, start, startAt + 7 * startStep + L);
        int ai = aAt;
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector b1 = FloatVector.fromArray(S, b, bi + L);
            FloatVector a0 = FloatVector.broadcast(S, a[ai]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[ai + 1]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[ai + 2]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[ai + 3]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            FloatVector a4 = FloatVector.broadcast(S, a[ai + 4]);
            c4a = a4.fma(b0, c4a);
            c4b = a4.fma(b1, c4b);
            FloatVector a5 = FloatVector.broadcast(S, a[ai + 5]);
            c5a = a5.fma(b0, c5a);
            c5b = a5.fma(b1, c5b);
            FloatVector a6 = FloatVector.broadcast(S, a[ai + 6]);
            c6a = a6.fma(b0, c6a);
            c6b = a6.fma(b1, c6b);
            FloatVector a7 = FloatVector.broadcast(S, a[ai + 7]);
            c7a = a7.fma(b0, c7a);
            c7b = a7.fma(b1, c7b);
            ai += aStep;
            bi += bStep;
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + L);
        c1a.intoArray(c, cAt + cStep);
        c1b.intoArray(c, cAt + cStep + L);
        c2a.intoArray(c, cAt + 2 * cStep);
        c2b.intoArray(c, cAt + 2 * cStep + L);
        c3a.intoArray(c, cAt + 3 * cStep);
        c3b.intoArray(c, cAt + 3 * cStep + L);
        c4a.intoArray(c, cAt + 4 * cStep);
        c4b.intoArray(c, cAt + 4 * cStep + L);
        c5a.intoArray(c, cAt + 5 * cStep);
        c5b.intoArray(c, cAt + 5 * cStep + L);
        c6a.intoArray(c, cAt + 6 * cStep);
        c6b.intoArray(c, cAt + 6 * cStep + L);
        c7a.intoArray(c, cAt + 7 * cStep);
        c7b.intoArray(c, cAt + 7 * cStep + L);
    }

    private static void rows4(
            int k,
            float[] a,
            int aAt,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            float[] start,
            int startAt,
            int startStep,
            float[] c,
            int cAt,
            int cStep) {
        FloatVector c0a = FloatVector.fromArray(S, start, startAt);
        FloatVector c0b = FloatVector.fromArray(S, start, startAt + L);
        FloatVector c1a = FloatVector.fromArray(S, start, startAt + startStep);
        FloatVector c1b = FloatVector.fromArray(S, start, startAt + startStep + L);
        FloatVector c2a = FloatVector.fromArray(S, start, startAt + 2 * startStep);
        FloatVector c2b = FloatVector.fromArray(S, start, startAt + 2 * startStep + L);
        FloatVector c3a = FloatVector.fromArray(S, start, startAt + 3 * startStep);
        FloatVector c3b = FloatVector.fromArray(S, start, startAt + 3 * startStep + L);
        int ai = aAt;
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector b1 = FloatVector.fromArray(S, b, bi + L);
            FloatVector a0 = FloatVector.broadcast(S, a[ai]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[ai + 1]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[ai + 2]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[ai + 3]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            ai += aStep;
            bi += bStep;
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + L);
        c1a.intoArray(c, cAt + cStep);
        c1b.intoArray(c, cAt + cStep + L);
        c2a.intoArray(c, cAt + 2 * cStep);
        c2b.intoArray(c, cAt + 2 * cStep + L);
        c3a.intoArray(c, cAt + 3 * cStep);
        c3b.intoArray(c, cAt + 3 * cStep + L);
    }
}
