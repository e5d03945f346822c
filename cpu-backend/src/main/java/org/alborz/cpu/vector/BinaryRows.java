package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.function.DoubleBinaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.alborz.backend.BinaryOp;
import org.alborz.cpu.scalar.ScalarElementwise;

/** Functions of two numbers along a row; see {@link UnaryRows}. */
final class BinaryRows {
    private BinaryRows() {}

    /** Computes {@code y[yi + i] = op(a[ai + i], b[bi + i])} for i below n. */
    static void run(BinaryOp op, float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        switch (op) {
            case ADD -> add(a, ai, b, bi, y, yi, n);
            case SUBTRACT -> subtract(a, ai, b, bi, y, yi, n);
            case MULTIPLY -> multiply(a, ai, b, bi, y, yi, n);
            case DIVIDE -> divide(a, ai, b, bi, y, yi, n);
            case POWER -> Power.power(a, ai, b, bi, y, yi, n);
            case MAXIMUM -> maximum(a, ai, b, bi, y, yi, n);
            case MINIMUM -> minimum(a, ai, b, bi, y, yi, n);
            case RELU_BACKWARD -> reluBackward(a, ai, b, bi, y, yi, n);
            case REMAINDER, FLOOR_DIVIDE, ATAN2 -> byNumber(op, a, ai, b, bi, y, yi, n);
        }
    }

    /** Number by number, in double. */
    private static void byNumber(BinaryOp op, float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        DoubleBinaryOperator function = ScalarElementwise.function(op);
        for (int i = 0; i < n; i++) {
            y[yi + i] = (float) function.applyAsDouble(a[ai + i], b[bi + i]);
        }
    }

    private static void add(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
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

    private static void subtract(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, a, ai + i)
                    .sub(FloatVector.fromArray(S, b, bi + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = a[ai + i] - b[bi + i];
        }
    }

    private static void multiply(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, a, ai + i)
                    .mul(FloatVector.fromArray(S, b, bi + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = a[ai + i] * b[bi + i];
        }
    }

    private static void divide(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, a, ai + i)
                    .div(FloatVector.fromArray(S, b, bi + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = a[ai + i] / b[bi + i];
        }
    }

    static void maximum(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, a, ai + i)
                    .max(FloatVector.fromArray(S, b, bi + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.max(a[ai + i], b[bi + i]);
        }
    }

    private static void minimum(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, a, ai + i)
                    .min(FloatVector.fromArray(S, b, bi + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.min(a[ai + i], b[bi + i]);
        }
    }

    static void reluBackward(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        for (int i = 0; i < whole; i += L) {
            FloatVector x = FloatVector.fromArray(S, a, ai + i);
            FloatVector.fromArray(S, b, bi + i)
                    .blend(zero, x.compare(VectorOperators.LE, zero))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = a[ai + i] <= 0 ? 0 : b[bi + i];
        }
    }

    /** Computes b, 0 where a is at most 0 or at least 6. */
    static void relu6Backward(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        FloatVector six = FloatVector.broadcast(S, 6);
        for (int i = 0; i < whole; i += L) {
            FloatVector x = FloatVector.fromArray(S, a, ai + i);
            FloatVector.fromArray(S, b, bi + i)
                    .blend(zero, x.compare(VectorOperators.LE, zero))
                    .blend(zero, x.compare(VectorOperators.GE, six))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = a[ai + i] <= 0 || a[ai + i] >= 6 ? 0 : b[bi + i];
        }
    }
}
