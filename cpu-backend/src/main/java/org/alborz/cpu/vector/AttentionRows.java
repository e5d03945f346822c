package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

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

    /** Computes {@code y = words < threshold ? 0 : x·scale}; y may be x. */
    static void drop(float[] words, int wi, float threshold, float scale, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        for (int i = 0; i < whole; i += L) {
            VectorMask<Float> dropped = FloatVector.fromArray(S, words, wi + i).compare(VectorOperators.LT, threshold);
            FloatVector.fromArray(S, x, xi + i).mul(scale).blend(zero, dropped).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = words[wi + i] < threshold ? 0 : x[xi + i] * scale;
        }
    }

    /** Computes {@code slopes = dropped·slopes − weights·inner}, the weights being those before dropout. */
    static void ofScores(float[] weights, float[] dropped, int wi, float inner, float[] slopes, int si, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, dropped, wi + i)
                    .mul(FloatVector.fromArray(S, slopes, si + i))
                    .sub(FloatVector.fromArray(S, weights, wi + i).mul(inner))
                    .intoArray(slopes, si + i);
        }
        for (int i = whole; i < n; i++) {
            slopes[si + i] = dropped[wi + i] * slopes[si + i] - weights[wi + i] * inner;
        }
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
