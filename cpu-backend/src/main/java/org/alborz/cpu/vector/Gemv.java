package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/** A few rows times a matrix that is read once and in place, since packing it would cost more than the product. */
final class Gemv {
    /** The most rows for which this is the faster way. */
    static final int MOST_ROWS = 2;

    private static final int TASK_COLUMNS = 4 * L;

    private Gemv() {}

    /** Tells whether the product can be done here. */
    static boolean fits(Matrix a, Matrix b) {
        return a.rows() <= MOST_ROWS && a.columnStride() == 1 && (b.columnStride() == 1 || b.rowStride() == 1);
    }

    /** Computes {@code c = max(floor, bias + a·b)}; the arguments are those of {@link Gemm#multiply}. */
    static void multiply(
            Gemm.Runner runner,
            Matrix a,
            Matrix b,
            float[] bias,
            int biasAt,
            float floor,
            float[] c,
            int cAt,
            int cStep) {
        int columns = b.columns();
        runner.run(Gemm.ceilDiv(columns, TASK_COLUMNS), (task, worker) -> {
            int from = task * TASK_COLUMNS;
            int to = Math.min(columns, from + TASK_COLUMNS);
            float[] lanes = b.rowStride() == 1 ? new float[L] : null;
            for (int row = 0; row < a.rows(); row++) {
                int at = a.at() + row * a.rowStride();
                int target = cAt + row * cStep;
                if (b.columnStride() == 1 && to - from == TASK_COLUMNS) {
                    fourVectors(a.columns(), a.array(), at, b, from, c, target + from);
                } else {
                    for (int j = from; j < to; j++) {
                        c[target + j] = b.rowStride() == 1
                                ? dot(a.columns(), a.array(), at, b.array(), b.at() + j * b.columnStride(), lanes)
                                : column(a.columns(), a.array(), at, b, j);
                    }
                }
                for (int j = from; j < to; j++) {
                    c[target + j] = Math.max(floor, c[target + j] + (bias == null ? 0 : bias[biasAt + j]));
                }
            }
        });
    }

    private static void fourVectors(int k, float[] a, int aAt, Matrix b, int column, float[] c, int cAt) {
        float[] array = b.array();
        int step = b.rowStride();
        int at = b.at() + column;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int i = 0; i < k; i++) {
            FloatVector weight = FloatVector.broadcast(S, a[aAt + i]);
            c0 = weight.fma(FloatVector.fromArray(S, array, at), c0);
            c1 = weight.fma(FloatVector.fromArray(S, array, at + L), c1);
            c2 = weight.fma(FloatVector.fromArray(S, array, at + 2 * L), c2);
            c3 = weight.fma(FloatVector.fromArray(S, array, at + 3 * L), c3);
            at += step;
        }
        c0.intoArray(c, cAt);
        c1.intoArray(c, cAt + L);
        c2.intoArray(c, cAt + 2 * L);
        c3.intoArray(c, cAt + 3 * L);
    }

    private static float dot(int k, float[] a, int aAt, float[] b, int bAt, float[] lanes) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        int whole = k - k % (2 * L);
        for (int i = 0; i < whole; i += 2 * L) {
            s0 = FloatVector.fromArray(S, a, aAt + i).fma(FloatVector.fromArray(S, b, bAt + i), s0);
            s1 = FloatVector.fromArray(S, a, aAt + i + L).fma(FloatVector.fromArray(S, b, bAt + i + L), s1);
        }
        s0.add(s1).intoArray(lanes, 0);
        float sum = Lanes.sum(lanes);
        for (int i = whole; i < k; i++) {
            sum += a[aAt + i] * b[bAt + i];
        }
        return sum;
    }

    private static float column(int k, float[] a, int aAt, Matrix b, int column) {
        float sum = 0;
        for (int i = 0; i < k; i++) {
            sum += a[aAt + i] * b.array()[b.at() + i * b.rowStride() + column];
        }
        return sum;
    }
}
