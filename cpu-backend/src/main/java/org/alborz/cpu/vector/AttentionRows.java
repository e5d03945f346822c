package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/** What attention computes of rows of products and of weights. */
final class AttentionRows {
    private AttentionRows() {}

    /** Computes {@code x = exp(x − largest)}; 0 where the largest is −∞, as nothing counts then, but for NaN. */
    static void exponentials(float largest, float[] x, int at, int n) {
        if (largest == Float.NEGATIVE_INFINITY) {
            for (int i = 0; i < n; i++) {
                x[at + i] = Float.isNaN(x[at + i]) ? x[at + i] : 0;
            }
            return;
        }
        Exponential.exp(largest, x, at, x, at, n);
    }

    /** Returns the sum of products of two rows. */
    static float inner(float[] a, int ai, float[] b, int bi, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (double) a[ai + i] * b[bi + i];
        }
        return (float) sum;
    }

    /** Computes {@code slopes = weights·(slopes − inner)}. */
    static void ofScores(float[] weights, int wi, float inner, float[] slopes, int si, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, slopes, si + i)
                    .sub(inner)
                    .mul(FloatVector.fromArray(S, weights, wi + i))
                    .intoArray(slopes, si + i);
        }
        for (int i = whole; i < n; i++) {
            slopes[si + i] = (slopes[si + i] - inner) * weights[wi + i];
        }
    }
}
