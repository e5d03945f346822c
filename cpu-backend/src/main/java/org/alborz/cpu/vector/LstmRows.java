package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/** The gates of one row of an LSTM's batch in float32; {@code n} is the size of the state. */
final class LstmRows {
    private LstmRows() {}

    /**
     * Applies the gates to their sums, in place, and computes the next cell and hidden state.
     *
     * @param next may be the cell state's own place
     */
    static void step(float[] g, int gi, float[] cell, int ci, float[] next, int ni, float[] hidden, int hi, int n) {
        Logistic.sigmoid(g, gi, g, gi, 2 * n);
        Logistic.tanh(g, gi + 2 * n, g, gi + 2 * n, n);
        Logistic.sigmoid(g, gi + 3 * n, g, gi + 3 * n, n);
        next(g, gi, cell, ci, next, ni, n);
        Logistic.tanh(next, ni, hidden, hi, n);
        scale(g, gi + 3 * n, hidden, hi, n);
    }

    /**
     * Computes the gradients of the sums and of the cell state.
     *
     * @param g the gates as they were applied
     * @param dNext the gradient of the next cell state, which may be in the place of {@code dc}; null for 0
     */
    static void gradient(
            float[] cell,
            int ci,
            float[] next,
            int ni,
            float[] g,
            int gi,
            float[] dh,
            int hi,
            float[] dNext,
            int di,
            float[] ds,
            int si,
            float[] dc,
            int to,
            int n) {
        // tanh of the state stands in the candidate's place until that is computed.
        int ti = si + 2 * n;
        Logistic.tanh(next, ni, ds, ti, n);
        ofSigmoid(dh, hi, ds, ti, g, gi + 3 * n, ds, si + 3 * n, n);
        ofCell(ds, ti, g, gi + 3 * n, dh, hi, dNext, di, dc, to, n);
        ofSigmoid(dc, to, g, gi + 2 * n, g, gi, ds, si, n);
        ofSigmoid(dc, to, cell, ci, g, gi + n, ds, si + n, n);
        ofTanh(dc, to, g, gi, g, gi + 2 * n, ds, ti, n);
        scale(g, gi + n, dc, to, n);
    }

    /** Computes {@code y = a + b}. */
    static void add(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, a, ai + i)
                    .add(FloatVector.fromArray(S, b, bi + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = a[ai + i] + b[bi + i];
        }
    }

    /** Computes the next cell state, {@code f·c + i·g}, of gates that were applied. */
    static void next(float[] gates, int gi, float[] cell, int ci, float[] next, int to, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector second =
                    FloatVector.fromArray(S, gates, gi + i).mul(FloatVector.fromArray(S, gates, gi + 2 * n + i));
            FloatVector.fromArray(S, gates, gi + n + i)
                    .fma(FloatVector.fromArray(S, cell, ci + i), second)
                    .intoArray(next, to + i);
        }
        for (int i = whole; i < n; i++) {
            next[to + i] = Math.fma(gates[gi + n + i], cell[ci + i], gates[gi + i] * gates[gi + 2 * n + i]);
        }
    }

    /** Computes {@code y = y·a}. */
    static void scale(float[] a, int ai, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, y, yi + i)
                    .mul(FloatVector.fromArray(S, a, ai + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] *= a[ai + i];
        }
    }

    /**
     * Computes {@code dc = dh·o·(1 − t²)}, and adds what it finds there if asked to.
     *
     * @param t tanh of the next cell state
     */
    static void ofCell(
            float[] t,
            int ti,
            float[] output,
            int oi,
            float[] dh,
            int di,
            float[] dNext,
            int ni,
            float[] dc,
            int to,
            int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector squashed = FloatVector.fromArray(S, t, ti + i);
            FloatVector slope = FloatVector.fromArray(S, dh, di + i).mul(FloatVector.fromArray(S, output, oi + i));
            FloatVector through = slope.sub(slope.mul(squashed).mul(squashed));
            if (dNext != null) {
                through = through.add(FloatVector.fromArray(S, dNext, ni + i));
            }
            through.intoArray(dc, to + i);
        }
        for (int i = whole; i < n; i++) {
            float slope = dh[di + i] * output[oi + i];
            float through = slope - slope * t[ti + i] * t[ti + i];
            dc[to + i] = dNext == null ? through : through + dNext[ni + i];
        }
    }

    /** Computes {@code y = a·b·(s − s²)}, the gradient of a gate s that is a sigmoid. */
    static void ofSigmoid(float[] a, int ai, float[] b, int bi, float[] s, int si, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector gate = FloatVector.fromArray(S, s, si + i);
            FloatVector.fromArray(S, a, ai + i)
                    .mul(FloatVector.fromArray(S, b, bi + i))
                    .mul(gate.sub(gate.mul(gate)))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = a[ai + i] * b[bi + i] * (s[si + i] - s[si + i] * s[si + i]);
        }
    }

    /** Computes {@code y = a·b·(1 − t²)}, the gradient of a gate t that is a hyperbolic tangent. */
    static void ofTanh(float[] a, int ai, float[] b, int bi, float[] t, int ti, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector gate = FloatVector.fromArray(S, t, ti + i);
            FloatVector product = FloatVector.fromArray(S, a, ai + i).mul(FloatVector.fromArray(S, b, bi + i));
            product.sub(product.mul(gate).mul(gate)).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            float product = a[ai + i] * b[bi + i];
            y[yi + i] = product - product * t[ti + i] * t[ti + i];
        }
    }
}
