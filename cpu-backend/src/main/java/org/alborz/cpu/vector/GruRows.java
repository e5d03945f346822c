package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/** The gates of one row of a GRU's batch in float32; {@code n} is the size of the state. */
final class GruRows {
    private GruRows() {}

    /** Computes {@code y = x + r·h}, the candidate's sum. */
    static void candidate(float[] x, int xi, float[] r, int ri, float[] h, int hi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, r, ri + i)
                    .fma(FloatVector.fromArray(S, h, hi + i), FloatVector.fromArray(S, x, xi + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.fma(r[ri + i], h[hi + i], x[xi + i]);
        }
    }

    /** Computes {@code next = c + z·(state − c)}, of gates that were applied. */
    static void next(float[] gates, int gi, float[] state, int si, float[] next, int to, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector c = FloatVector.fromArray(S, gates, gi + 2 * n + i);
            FloatVector.fromArray(S, state, si + i)
                    .sub(c)
                    .fma(FloatVector.fromArray(S, gates, gi + n + i), c)
                    .intoArray(next, to + i);
        }
        for (int i = whole; i < n; i++) {
            float c = gates[gi + 2 * n + i];
            next[to + i] = Math.fma(state[si + i] - c, gates[gi + n + i], c);
        }
    }

    /**
     * Computes the gradients of a row.
     *
     * @param dx of the sums of the input, and dh of those of the hidden state, 3n numbers each
     */
    static void backward(
            float[] gates,
            int gi,
            float[] state,
            int si,
            float[] dNext,
            int di,
            float[] dx,
            int xi,
            float[] dh,
            int hi,
            float[] dState,
            int to,
            int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        for (int i = 0; i < whole; i += L) {
            FloatVector r = FloatVector.fromArray(S, gates, gi + i);
            FloatVector z = FloatVector.fromArray(S, gates, gi + n + i);
            FloatVector c = FloatVector.fromArray(S, gates, gi + 2 * n + i);
            FloatVector slope = FloatVector.fromArray(S, dNext, di + i);
            FloatVector ofCandidate = slope.mul(one.sub(z)).mul(one.sub(c.mul(c)));
            FloatVector ofReset = ofCandidate
                    .mul(FloatVector.fromArray(S, gates, gi + 3 * n + i))
                    .mul(r.sub(r.mul(r)));
            FloatVector ofUpdate =
                    slope.mul(FloatVector.fromArray(S, state, si + i).sub(c)).mul(z.sub(z.mul(z)));
            ofReset.intoArray(dx, xi + i);
            ofReset.intoArray(dh, hi + i);
            ofUpdate.intoArray(dx, xi + n + i);
            ofUpdate.intoArray(dh, hi + n + i);
            ofCandidate.intoArray(dx, xi + 2 * n + i);
            ofCandidate.mul(r).intoArray(dh, hi + 2 * n + i);
            slope.mul(z).intoArray(dState, to + i);
        }
        for (int i = whole; i < n; i++) {
            float r = gates[gi + i];
            float z = gates[gi + n + i];
            float c = gates[gi + 2 * n + i];
            float slope = dNext[di + i];
            float ofCandidate = slope * (1 - z) * (1 - c * c);
            float ofReset = ofCandidate * gates[gi + 3 * n + i] * (r - r * r);
            float ofUpdate = slope * (state[si + i] - c) * (z - z * z);
            dx[xi + i] = ofReset;
            dh[hi + i] = ofReset;
            dx[xi + n + i] = ofUpdate;
            dh[hi + n + i] = ofUpdate;
            dx[xi + 2 * n + i] = ofCandidate;
            dh[hi + 2 * n + i] = ofCandidate * r;
            dState[to + i] = slope * z;
        }
    }
}
