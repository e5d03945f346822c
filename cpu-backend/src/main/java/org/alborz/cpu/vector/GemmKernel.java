package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.REGISTERS;
import static org.alborz.cpu.vector.Lanes.S;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernel of the matrix product: a block of {@link #ROWS} by {@link #COLUMNS} from two packed panels.
 *
 * <p>The block becomes {@code max(floor, start + a·b)}. For each of the k terms, one after the other, {@code a} holds {@link #PANEL}
 * numbers, of which the first ROWS count, and {@code b} COLUMNS numbers; k is a multiple of {@link #TERMS}. There is one kernel for machines of 32 vector registers and one for those
 * of 16.
 *
 * <p>What makes the compiler give them hardly more instructions than loads and multiply-adds:
 *
 * <ul>
 *   <li>An accumulator is a local variable of the one method that loads, sums and stores it, and there is one flat loop.
 *   <li>Every index is an invariant, a constant power of two times the loop's variable, and a constant, so that all range checks leave the
 *       loop; that is why a panel holds 8 numbers for 6 rows.
 *   <li>With 16 registers, the fence after each row keeps the compiler from moving the broadcasts of later rows before it, which
 *       would need more registers than there are. It is no instruction on x86, the only machine with 16.
 *   <li>Four terms a round share what the loop itself costs.
 * </ul>
 */
final class GemmKernel {
    static final int ROWS = REGISTERS == 32 ? 8 : 6;
    static final int COLUMNS = 2 * L;

    /** Numbers of a term in a panel of a. */
    static final int PANEL = 8;

    /** Terms come in multiples of this. */
    static final int TERMS = ROWS == 6 ? 4 : 1;

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
        if (ROWS == 8) {
            rows8(k, a, aAt, b, bAt, start, startAt, startStep, c, cAt, cStep);
        } else {
            rows6(k, a, aAt, b, bAt, start, startAt, startStep, c, cAt, cStep);
        }
        if (floor != Float.NEGATIVE_INFINITY) {
            raise(c, cAt, cStep, floor);
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
            float[] b,
            int bAt,
            float[] start,
            int startAt,
            int startStep,
            float[] c,
            int cAt,
            int cStep) {
        FloatVector c0 = FloatVector.fromArray(S, start, startAt);
        FloatVector d0 = FloatVector.fromArray(S, start, startAt + L);
        FloatVector c1 = FloatVector.fromArray(S, start, startAt + startStep);
        FloatVector d1 = FloatVector.fromArray(S, start, startAt + startStep + L);
        FloatVector c2 = FloatVector.fromArray(S, start, startAt + 2 * startStep);
        FloatVector d2 = FloatVector.fromArray(S, start, startAt + 2 * startStep + L);
        FloatVector c3 = FloatVector.fromArray(S, start, startAt + 3 * startStep);
        FloatVector d3 = FloatVector.fromArray(S, start, startAt + 3 * startStep + L);
        FloatVector c4 = FloatVector.fromArray(S, start, startAt + 4 * startStep);
        FloatVector d4 = FloatVector.fromArray(S, start, startAt + 4 * startStep + L);
        FloatVector c5 = FloatVector.fromArray(S, start, startAt + 5 * startStep);
        FloatVector d5 = FloatVector.fromArray(S, start, startAt + 5 * startStep + L);
        FloatVector c6 = FloatVector.fromArray(S, start, startAt + 6 * startStep);
        FloatVector d6 = FloatVector.fromArray(S, start, startAt + 6 * startStep + L);
        FloatVector c7 = FloatVector.fromArray(S, start, startAt + 7 * startStep);
        FloatVector d7 = FloatVector.fromArray(S, start, startAt + 7 * startStep + L);
        for (int i = 0; i < k; i++) {
            FloatVector x = FloatVector.fromArray(S, b, bAt + i * COLUMNS);
            FloatVector y = FloatVector.fromArray(S, b, bAt + i * COLUMNS + L);
            FloatVector w = FloatVector.broadcast(S, a[aAt + i * PANEL]);
            c0 = w.fma(x, c0);
            d0 = w.fma(y, d0);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 1]);
            c1 = w.fma(x, c1);
            d1 = w.fma(y, d1);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 2]);
            c2 = w.fma(x, c2);
            d2 = w.fma(y, d2);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 3]);
            c3 = w.fma(x, c3);
            d3 = w.fma(y, d3);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 4]);
            c4 = w.fma(x, c4);
            d4 = w.fma(y, d4);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 5]);
            c5 = w.fma(x, c5);
            d5 = w.fma(y, d5);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 6]);
            c6 = w.fma(x, c6);
            d6 = w.fma(y, d6);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 7]);
            c7 = w.fma(x, c7);
            d7 = w.fma(y, d7);
        }
        c0.intoArray(c, cAt);
        d0.intoArray(c, cAt + L);
        c1.intoArray(c, cAt + cStep);
        d1.intoArray(c, cAt + cStep + L);
        c2.intoArray(c, cAt + 2 * cStep);
        d2.intoArray(c, cAt + 2 * cStep + L);
        c3.intoArray(c, cAt + 3 * cStep);
        d3.intoArray(c, cAt + 3 * cStep + L);
        c4.intoArray(c, cAt + 4 * cStep);
        d4.intoArray(c, cAt + 4 * cStep + L);
        c5.intoArray(c, cAt + 5 * cStep);
        d5.intoArray(c, cAt + 5 * cStep + L);
        c6.intoArray(c, cAt + 6 * cStep);
        d6.intoArray(c, cAt + 6 * cStep + L);
        c7.intoArray(c, cAt + 7 * cStep);
        d7.intoArray(c, cAt + 7 * cStep + L);
    }

    private static void rows6(
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
            int cStep) {
        FloatVector c0 = FloatVector.fromArray(S, start, startAt);
        FloatVector d0 = FloatVector.fromArray(S, start, startAt + L);
        FloatVector c1 = FloatVector.fromArray(S, start, startAt + startStep);
        FloatVector d1 = FloatVector.fromArray(S, start, startAt + startStep + L);
        FloatVector c2 = FloatVector.fromArray(S, start, startAt + 2 * startStep);
        FloatVector d2 = FloatVector.fromArray(S, start, startAt + 2 * startStep + L);
        FloatVector c3 = FloatVector.fromArray(S, start, startAt + 3 * startStep);
        FloatVector d3 = FloatVector.fromArray(S, start, startAt + 3 * startStep + L);
        FloatVector c4 = FloatVector.fromArray(S, start, startAt + 4 * startStep);
        FloatVector d4 = FloatVector.fromArray(S, start, startAt + 4 * startStep + L);
        FloatVector c5 = FloatVector.fromArray(S, start, startAt + 5 * startStep);
        FloatVector d5 = FloatVector.fromArray(S, start, startAt + 5 * startStep + L);
        for (int i = 0; i < k; i += 4) {
            FloatVector x = FloatVector.fromArray(S, b, bAt + i * COLUMNS);
            FloatVector y = FloatVector.fromArray(S, b, bAt + i * COLUMNS + L);
            FloatVector w = FloatVector.broadcast(S, a[aAt + i * PANEL]);
            c0 = w.fma(x, c0);
            d0 = w.fma(y, d0);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 1]);
            c1 = w.fma(x, c1);
            d1 = w.fma(y, d1);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 2]);
            c2 = w.fma(x, c2);
            d2 = w.fma(y, d2);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 3]);
            c3 = w.fma(x, c3);
            d3 = w.fma(y, d3);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 4]);
            c4 = w.fma(x, c4);
            d4 = w.fma(y, d4);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 5]);
            c5 = w.fma(x, c5);
            d5 = w.fma(y, d5);
            VarHandle.loadLoadFence();
            x = FloatVector.fromArray(S, b, bAt + i * COLUMNS + COLUMNS);
            y = FloatVector.fromArray(S, b, bAt + i * COLUMNS + COLUMNS + L);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 8]);
            c0 = w.fma(x, c0);
            d0 = w.fma(y, d0);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 9]);
            c1 = w.fma(x, c1);
            d1 = w.fma(y, d1);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 10]);
            c2 = w.fma(x, c2);
            d2 = w.fma(y, d2);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 11]);
            c3 = w.fma(x, c3);
            d3 = w.fma(y, d3);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 12]);
            c4 = w.fma(x, c4);
            d4 = w.fma(y, d4);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 13]);
            c5 = w.fma(x, c5);
            d5 = w.fma(y, d5);
            VarHandle.loadLoadFence();
            x = FloatVector.fromArray(S, b, bAt + i * COLUMNS + 2 * COLUMNS);
            y = FloatVector.fromArray(S, b, bAt + i * COLUMNS + 2 * COLUMNS + L);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 16]);
            c0 = w.fma(x, c0);
            d0 = w.fma(y, d0);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 17]);
            c1 = w.fma(x, c1);
            d1 = w.fma(y, d1);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 18]);
            c2 = w.fma(x, c2);
            d2 = w.fma(y, d2);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 19]);
            c3 = w.fma(x, c3);
            d3 = w.fma(y, d3);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 20]);
            c4 = w.fma(x, c4);
            d4 = w.fma(y, d4);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 21]);
            c5 = w.fma(x, c5);
            d5 = w.fma(y, d5);
            VarHandle.loadLoadFence();
            x = FloatVector.fromArray(S, b, bAt + i * COLUMNS + 3 * COLUMNS);
            y = FloatVector.fromArray(S, b, bAt + i * COLUMNS + 3 * COLUMNS + L);
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 24]);
            c0 = w.fma(x, c0);
            d0 = w.fma(y, d0);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 25]);
            c1 = w.fma(x, c1);
            d1 = w.fma(y, d1);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 26]);
            c2 = w.fma(x, c2);
            d2 = w.fma(y, d2);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 27]);
            c3 = w.fma(x, c3);
            d3 = w.fma(y, d3);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 28]);
            c4 = w.fma(x, c4);
            d4 = w.fma(y, d4);
            VarHandle.loadLoadFence();
            w = FloatVector.broadcast(S, a[aAt + i * PANEL + 29]);
            c5 = w.fma(x, c5);
            d5 = w.fma(y, d5);
            VarHandle.loadLoadFence();
        }
        c0.intoArray(c, cAt);
        d0.intoArray(c, cAt + L);
        c1.intoArray(c, cAt + cStep);
        d1.intoArray(c, cAt + cStep + L);
        c2.intoArray(c, cAt + 2 * cStep);
        d2.intoArray(c, cAt + 2 * cStep + L);
        c3.intoArray(c, cAt + 3 * cStep);
        d3.intoArray(c, cAt + 3 * cStep + L);
        c4.intoArray(c, cAt + 4 * cStep);
        d4.intoArray(c, cAt + 4 * cStep + L);
        c5.intoArray(c, cAt + 5 * cStep);
        d5.intoArray(c, cAt + 5 * cStep + L);
    }
}
