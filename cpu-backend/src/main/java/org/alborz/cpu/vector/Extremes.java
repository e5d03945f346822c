package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The largest numbers of a line or of columns, or with a sign of −1 the smallest; NaN where there is one. Four chains side by side, since
 * each step waits long for the one before.
 */
final class Extremes {
    private static final int CHAINS = 4;

    private Extremes() {}

    static float ofLine(float sign, float[] x, int at, int n) {
        int whole = n - n % (CHAINS * L);
        float best = x[at] * sign;
        if (whole > 0) {
            FloatVector s0 = FloatVector.fromArray(S, x, at).mul(sign);
            FloatVector s1 = FloatVector.fromArray(S, x, at + L).mul(sign);
            FloatVector s2 = FloatVector.fromArray(S, x, at + 2 * L).mul(sign);
            FloatVector s3 = FloatVector.fromArray(S, x, at + 3 * L).mul(sign);
            for (int i = CHAINS * L; i < whole; i += CHAINS * L) {
                s0 = s0.max(FloatVector.fromArray(S, x, at + i).mul(sign));
                s1 = s1.max(FloatVector.fromArray(S, x, at + i + L).mul(sign));
                s2 = s2.max(FloatVector.fromArray(S, x, at + i + 2 * L).mul(sign));
                s3 = s3.max(FloatVector.fromArray(S, x, at + i + 3 * L).mul(sign));
            }
            best = s0.max(s1).max(s2.max(s3)).reduceLanes(VectorOperators.MAX);
        }
        for (int i = whole; i < n; i++) {
            best = Math.max(best, x[at + i] * sign);
        }
        return best * sign;
    }

    /** Computes those of columns whose rows follow each other. */
    static void ofColumns(float sign, float[] x, int at, int rows, int columns, float[] result) {
        if (columns >= Columns.WIDE) {
            alongRows(sign, x, at, rows, columns, result);
            return;
        }
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector best = FloatVector.fromArray(S, x, at + c).mul(sign);
            for (int r = 1; r < rows; r++) {
                best = best.max(
                        FloatVector.fromArray(S, x, at + r * columns + c).mul(sign));
            }
            best.mul(sign).intoArray(result, c);
        }
        for (int c = whole; c < columns; c++) {
            float best = x[at + c] * sign;
            for (int r = 1; r < rows; r++) {
                best = Math.max(best, x[at + r * columns + c] * sign);
            }
            result[c] = best * sign;
        }
    }

    /** Reads two rows at a time, in the order of memory. */
    private static void alongRows(float sign, float[] x, int at, int rows, int columns, float[] result) {
        for (int c = 0; c < columns; c++) {
            result[c] = x[at + c] * sign;
        }
        int r = 1;
        for (; r < rows - 1; r += 2) {
            joinTwo(sign, x, at + r * columns, columns, result);
        }
        for (int c = 0; c < columns; c++) {
            float last = r < rows ? x[at + r * columns + c] * sign : result[c];
            result[c] = Math.max(result[c], last) * sign;
        }
    }

    private static void joinTwo(float sign, float[] x, int at, int columns, float[] result) {
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector first = FloatVector.fromArray(S, x, at + c).mul(sign);
            FloatVector second = FloatVector.fromArray(S, x, at + columns + c).mul(sign);
            FloatVector.fromArray(S, result, c).max(first.max(second)).intoArray(result, c);
        }
        for (int c = whole; c < columns; c++) {
            float both = Math.max(x[at + c] * sign, x[at + columns + c] * sign);
            result[c] = Math.max(result[c], both);
        }
    }
}
