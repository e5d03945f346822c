package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.REGISTERS;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernel of the matrix product: a block of {@link #ROWS} by {@link #COLUMNS} from two packed panels, with a kernel for machines
 * of 32 vector registers and one for those of 16.
 *
 * <p>The block becomes {@code max(floor, start + a·b)}. For each of the k terms, one after the other, {@code a} holds {@link
 * MicroKernels#PANEL} numbers, of which the first ROWS count, and {@code b} COLUMNS numbers; k is a multiple of {@link #TERMS}.
 */
final class GemmKernel {
    static final int ROWS = REGISTERS == 32 ? 8 : 6;
    static final int COLUMNS = 2 * L;

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
            MicroKernels.panels8x2(k, a, aAt, b, bAt, start, startAt, startStep, c, cAt, cStep);
        } else {
            MicroKernels.panels6x2(k, a, aAt, b, bAt, start, startAt, startStep, c, cAt, cStep);
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
}
