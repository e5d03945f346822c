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
        int whole = columns - columns % L;
        int wide = columns - columns % (CHAINS * L);
        for (int c = 0; c < wide; c += CHAINS * L) {
            FloatVector s0 = FloatVector.fromArray(S, x, at + c).mul(sign);
            FloatVector s1 = FloatVector.fromArray(S, x, at + c + L).mul(sign);
            FloatVector s2 = FloatVector.fromArray(S, x, at + c + 2 * L).mul(sign);
            FloatVector s3 = FloatVector.fromArray(S, x, at + c + 3 * L).mul(sign);
            for (int r = 1; r < rows; r++) {
                int i = at + r * columns + c;
                s0 = s0.max(FloatVector.fromArray(S, x, i).mul(sign));
                s1 = s1.max(FloatVector.fromArray(S, x, i + L).mul(sign));
                s2 = s2.max(FloatVector.fromArray(S, x, i + 2 * L).mul(sign));
                s3 = s3.max(FloatVector.fromArray(S, x, i + 3 * L).mul(sign));
            }
            s0.mul(sign).intoArray(result, c);
            s1.mul(sign).intoArray(result, c + L);
            s2.mul(sign).intoArray(result, c + 2 * L);
            s3.mul(sign).intoArray(result, c + 3 * L);
        }
        for (int c = wide; c < whole; c += L) {
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
}
