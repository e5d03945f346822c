package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * Sums and maps along a row that is in a cache. Sums of {@link #PIECE} numbers are taken in float32, by four vectors side by side, and added up in
 * float64.
 */
final class RowMoments {
    private static final int PIECE = 2048;

    private RowMoments() {}

    /** Returns Σ (x[i] − first). */
    static double distances(float[] x, int at, int n, float first, float[] scratch) {
        double total = 0;
        for (int from = 0; from < n; from += PIECE) {
            int end = Math.min(n, from + PIECE);
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            int i = from;
            for (; i <= end - 4 * L; i += 4 * L) {
                s0 = s0.add(FloatVector.fromArray(S, x, at + i).sub(first));
                s1 = s1.add(FloatVector.fromArray(S, x, at + i + L).sub(first));
                s2 = s2.add(FloatVector.fromArray(S, x, at + i + 2 * L).sub(first));
                s3 = s3.add(FloatVector.fromArray(S, x, at + i + 3 * L).sub(first));
            }
            for (; i <= end - L; i += L) {
                s0 = s0.add(FloatVector.fromArray(S, x, at + i).sub(first));
            }
            s0.add(s1).add(s2.add(s3)).intoArray(scratch, 0);
            total += Lanes.sum(scratch);
            for (; i < end; i++) {
                total += x[at + i] - first;
            }
        }
        return total;
    }

    /** Returns Σ (x[i] − mean)². */
    static double squares(float[] x, int at, int n, float mean, float[] scratch) {
        double total = 0;
        for (int from = 0; from < n; from += PIECE) {
            int end = Math.min(n, from + PIECE);
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            int i = from;
            for (; i <= end - 4 * L; i += 4 * L) {
                FloatVector d0 = FloatVector.fromArray(S, x, at + i).sub(mean);
                FloatVector d1 = FloatVector.fromArray(S, x, at + i + L).sub(mean);
                FloatVector d2 = FloatVector.fromArray(S, x, at + i + 2 * L).sub(mean);
                FloatVector d3 = FloatVector.fromArray(S, x, at + i + 3 * L).sub(mean);
                s0 = d0.fma(d0, s0);
                s1 = d1.fma(d1, s1);
                s2 = d2.fma(d2, s2);
                s3 = d3.fma(d3, s3);
            }
            for (; i <= end - L; i += L) {
                FloatVector d = FloatVector.fromArray(S, x, at + i).sub(mean);
                s0 = d.fma(d, s0);
            }
            s0.add(s1).add(s2.add(s3)).intoArray(scratch, 0);
            total += Lanes.sum(scratch);
            for (; i < end; i++) {
                float d = x[at + i] - mean;
                total += d * d;
            }
        }
        return total;
    }

    /** Computes {@code y[i] = ((x[i] − mean)·inverse + rest)·gamma[i] + beta[i]}. */
    static void normalize(
            float[] x,
            int at,
            int n,
            float mean,
            float inverse,
            float rest,
            float[] gamma,
            float[] beta,
            float[] y,
            int yAt) {
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        FloatVector rests = FloatVector.broadcast(S, rest);
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, at + i).sub(mean).fma(inverses, rests);
            v.fma(FloatVector.fromArray(S, gamma, i), FloatVector.fromArray(S, beta, i))
                    .intoArray(y, yAt + i);
        }
        for (; i < n; i++) {
            y[yAt + i] = Math.fma(Math.fma(x[at + i] - mean, inverse, rest), gamma[i], beta[i]);
        }
    }

    /** Returns Σ dy[i]·gamma[i]. */
    static double sum(float[] dy, int at, int n, float[] gamma, float[] scratch) {
        double total = 0;
        for (int from = 0; from < n; from += PIECE) {
            int end = Math.min(n, from + PIECE);
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            int i = from;
            for (; i <= end - 2 * L; i += 2 * L) {
                s0 = FloatVector.fromArray(S, dy, at + i).fma(FloatVector.fromArray(S, gamma, i), s0);
                s1 = FloatVector.fromArray(S, dy, at + i + L).fma(FloatVector.fromArray(S, gamma, i + L), s1);
            }
            for (; i <= end - L; i += L) {
                s0 = FloatVector.fromArray(S, dy, at + i).fma(FloatVector.fromArray(S, gamma, i), s0);
            }
            s0.add(s1).intoArray(scratch, 0);
            total += Lanes.sum(scratch);
            for (; i < end; i++) {
                total += dy[at + i] * gamma[i];
            }
        }
        return total;
    }

    /** Returns Σ dy[i]·gamma[i]·((x[i] − mean)·inverse + rest). */
    static double products(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            int n,
            float mean,
            float inverse,
            float rest,
            float[] gamma,
            float[] scratch) {
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        FloatVector rests = FloatVector.broadcast(S, rest);
        double total = 0;
        for (int from = 0; from < n; from += PIECE) {
            int end = Math.min(n, from + PIECE);
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            int i = from;
            for (; i <= end - 2 * L; i += 2 * L) {
                FloatVector n0 = FloatVector.fromArray(S, x, at + i).sub(mean).fma(inverses, rests);
                FloatVector n1 =
                        FloatVector.fromArray(S, x, at + i + L).sub(mean).fma(inverses, rests);
                s0 = FloatVector.fromArray(S, dy, dyAt + i)
                        .mul(FloatVector.fromArray(S, gamma, i))
                        .fma(n0, s0);
                s1 = FloatVector.fromArray(S, dy, dyAt + i + L)
                        .mul(FloatVector.fromArray(S, gamma, i + L))
                        .fma(n1, s1);
            }
            for (; i <= end - L; i += L) {
                FloatVector n0 = FloatVector.fromArray(S, x, at + i).sub(mean).fma(inverses, rests);
                s0 = FloatVector.fromArray(S, dy, dyAt + i)
                        .mul(FloatVector.fromArray(S, gamma, i))
                        .fma(n0, s0);
            }
            s0.add(s1).intoArray(scratch, 0);
            total += Lanes.sum(scratch);
            for (; i < end; i++) {
                total += dy[dyAt + i] * gamma[i] * Math.fma(x[at + i] - mean, inverse, rest);
            }
        }
        return total;
    }

    /** Adds {@code dy[i]·((x[i] − mean)·inverse + rest)} to {@code dgamma[i]}, and {@code dy[i]} to {@code dbeta[i]}. */
    static void addGradients(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            int n,
            float mean,
            float inverse,
            float rest,
            float[] dgamma,
            float[] dbeta) {
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        FloatVector rests = FloatVector.broadcast(S, rest);
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, at + i).sub(mean).fma(inverses, rests);
            FloatVector d = FloatVector.fromArray(S, dy, dyAt + i);
            d.fma(v, FloatVector.fromArray(S, dgamma, i)).intoArray(dgamma, i);
            d.add(FloatVector.fromArray(S, dbeta, i)).intoArray(dbeta, i);
        }
        for (; i < n; i++) {
            dgamma[i] = Math.fma(dy[dyAt + i], Math.fma(x[at + i] - mean, inverse, rest), dgamma[i]);
            dbeta[i] += dy[dyAt + i];
        }
    }

    /** Computes {@code dx[i] = dy[i]·gamma[i]·inverse + ((x[i] − mean)·inverse + rest)·slope + shift}. */
    static void gradient(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            int n,
            float mean,
            float inverse,
            float rest,
            float[] gamma,
            float slope,
            float shift,
            float[] dx,
            int dxAt) {
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        FloatVector rests = FloatVector.broadcast(S, rest);
        FloatVector slopes = FloatVector.broadcast(S, slope);
        FloatVector shifts = FloatVector.broadcast(S, shift);
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, at + i).sub(mean).fma(inverses, rests);
            FloatVector g = FloatVector.fromArray(S, dy, dyAt + i).mul(FloatVector.fromArray(S, gamma, i));
            g.fma(inverses, v.fma(slopes, shifts)).intoArray(dx, dxAt + i);
        }
        for (; i < n; i++) {
            float v = Math.fma(x[at + i] - mean, inverse, rest);
            dx[dxAt + i] = Math.fma(dy[dyAt + i] * gamma[i], inverse, Math.fma(v, slope, shift));
        }
    }
}
