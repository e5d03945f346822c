package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Sums of numbers that follow each other: in float32 over short pieces, in an order that no number of lanes changes, and in float64 over these. */
final class LineSums {
    /** Sums that run side by side, for any number of lanes. */
    static final int SUMS = 32;

    /** Numbers that are added up in float32. */
    static final int PIECE = 32 * SUMS;

    private LineSums() {}

    /**
     * Adds up a line.
     *
     * @param sums at least {@link #SUMS} floats, overwritten
     */
    static double of(float[] x, int at, int n, float[] sums) {
        double total = 0;
        for (int i = 0; i < n; i += PIECE) {
            total += piece(x, at + i, Math.min(PIECE, n - i), sums);
        }
        return total;
    }

    /** Adds up numbers i, i + 32, … for each i below 32, then these sums. */
    private static double piece(float[] x, int at, int n, float[] sums) {
        int whole = n - n % SUMS;
        double total = 0;
        if (whole > 0) {
            sideBySide(x, at, whole, sums);
            float sum = 0;
            for (int i = 0; i < SUMS / 2; i++) {
                sum += sums[i] + sums[SUMS / 2 + i];
            }
            total = sum;
        }
        for (int i = whole; i < n; i++) {
            total += x[at + i];
        }
        return total;
    }

    private static void sideBySide(float[] x, int at, int n, float[] sums) {
        if (L > SUMS / 2 || L * 8 < SUMS) {
            Arrays.fill(sums, 0, SUMS, 0);
            for (int i = 0; i < n; i++) {
                sums[i % SUMS] += x[at + i];
            }
            return;
        }
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        for (int i = 0; i < n; i += SUMS) {
            s0 = s0.add(FloatVector.fromArray(S, x, at + i));
            s1 = s1.add(FloatVector.fromArray(S, x, at + i + L));
            if (L * 2 < SUMS) {
                s2 = s2.add(FloatVector.fromArray(S, x, at + i + 2 * L));
                s3 = s3.add(FloatVector.fromArray(S, x, at + i + 3 * L));
            }
            if (L * 4 < SUMS) {
                s4 = s4.add(FloatVector.fromArray(S, x, at + i + 4 * L));
                s5 = s5.add(FloatVector.fromArray(S, x, at + i + 5 * L));
                s6 = s6.add(FloatVector.fromArray(S, x, at + i + 6 * L));
                s7 = s7.add(FloatVector.fromArray(S, x, at + i + 7 * L));
            }
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, L);
        if (L * 2 < SUMS) {
            s2.intoArray(sums, 2 * L);
            s3.intoArray(sums, 3 * L);
        }
        if (L * 4 < SUMS) {
            s4.intoArray(sums, 4 * L);
            s5.intoArray(sums, 5 * L);
            s6.intoArray(sums, 6 * L);
            s7.intoArray(sums, 7 * L);
        }
    }
}
