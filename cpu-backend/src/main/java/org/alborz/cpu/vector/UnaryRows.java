package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.alborz.backend.Selu;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.scalar.ScalarElementwise;

/**
 * Functions of one number along a row. The arithmetic is written with vectors, one loop a function, since a vector operation must be known
 * where it is compiled. {@link Exponential}, {@link Logarithm}, {@link Logistic}, {@link ErrorFunctions}, {@link Trigonometric} and
 * {@link Power} have the transcendental functions, {@link Rounding} those whose results are whole.
 */
final class UnaryRows {
    /** Rows from which on vectors pay although they are objects until a loop is compiled. */
    private static final int LONG = 1024;

    private UnaryRows() {}

    /** Computes {@code y[yi + i] = op(x[xi + i])} for i below n. */
    static void run(UnaryOp op, double parameter, float[] x, int xi, float[] y, int yi, int n) {
        float p = (float) parameter;
        switch (op) {
            case NEGATE -> multiply(-1, x, xi, y, yi, n);
            case ABS -> abs(x, xi, y, yi, n);
            case SQUARE -> square(x, xi, y, yi, n);
            case SQRT -> sqrt(x, xi, y, yi, n);
            case RECIPROCAL -> reciprocal(x, xi, y, yi, n);
            case RELU -> relu(x, xi, y, yi, n);
            case ADD -> add(p, x, xi, y, yi, n);
            case MULTIPLY -> multiply(p, x, xi, y, yi, n);
            case MAXIMUM -> maximum(p, x, xi, y, yi, n);
            case MINIMUM -> minimum(p, x, xi, y, yi, n);
            case LEAKY_RELU -> leakyRelu(p, x, xi, y, yi, n);
            case SIGN -> sign(x, xi, y, yi, n);
            case EXP -> Exponential.exp(0, x, xi, y, yi, n);
            case ELU -> Exponential.elu(1, p, x, xi, y, yi, n);
            case SELU -> Exponential.elu((float) Selu.LAMBDA, (float) (Selu.LAMBDA * Selu.ALPHA), x, xi, y, yi, n);
            case EXPM1 -> Exponential.expm1(x, xi, y, yi, n);
            case LOG1P -> Logarithm.log1p(x, xi, y, yi, n);
            case SILU -> Logistic.silu(x, xi, y, yi, n);
            case MISH -> Logistic.mish(x, xi, y, yi, n);
            case FLOOR -> Rounding.floor(x, xi, y, yi, n);
            case CEIL -> Rounding.ceil(x, xi, y, yi, n);
            case ROUND -> Rounding.round(x, xi, y, yi, n);
            case TRUNC -> Rounding.trunc(x, xi, y, yi, n);
            case HARD_SIGMOID -> hardSigmoid(x, xi, y, yi, n);
            case HARD_SWISH -> hardSwish(x, xi, y, yi, n);
            case TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH -> byNumber(op, x, xi, y, yi, n);
            case LOG -> Logarithm.log(x, xi, y, yi, n);
            case SOFTPLUS -> Logarithm.softplus(x, xi, y, yi, n);
            case SIGMOID -> Logistic.sigmoid(x, xi, y, yi, n);
            case TANH -> Logistic.tanh(x, xi, y, yi, n);
            case ERF -> ErrorFunctions.erf(x, xi, y, yi, n);
            case GELU -> ErrorFunctions.gelu(x, xi, y, yi, n);
            case SIN -> Trigonometric.sin(0, x, xi, y, yi, n);
            case COS -> Trigonometric.sin(1, x, xi, y, yi, n);
            case POWER -> power(parameter, x, xi, y, yi, n);
        }
    }

    /** Number by number, in double. */
    private static void byNumber(UnaryOp op, float[] x, int xi, float[] y, int yi, int n) {
        DoubleUnaryOperator function = ScalarElementwise.function(op, 0);
        for (int i = 0; i < n; i++) {
            y[yi + i] = (float) function.applyAsDouble(x[xi + i]);
        }
    }

    private static void hardSigmoid(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).add(3f).max(0f).min(6f).div(6f).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.min(Math.max(x[xi + i] + 3, 0), 6) / 6;
        }
    }

    /** At −∞ it is −3·0. */
    private static void hardSwish(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            v.max(-3f).mul(v.add(3f).max(0f).min(6f).div(6f)).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.max(x[xi + i], -3) * (Math.min(Math.max(x[xi + i] + 3, 0), 6) / 6);
        }
    }

    /** The square and the reciprocal are rounded once. */
    private static void power(double p, float[] x, int xi, float[] y, int yi, int n) {
        if (p == 2) {
            square(x, xi, y, yi, n);
        } else if (p == -1) {
            reciprocal(x, xi, y, yi, n);
        } else {
            Power.power(p, x, xi, y, yi, n);
        }
    }

    private static void abs(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).abs().intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.abs(x[xi + i]);
        }
    }

    private static void sign(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        FloatVector minus = FloatVector.broadcast(S, -1);
        FloatVector zero = FloatVector.zero(S);
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            v.blend(one, v.compare(VectorOperators.GT, zero))
                    .blend(minus, v.compare(VectorOperators.LT, zero))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.signum(x[xi + i]);
        }
    }

    private static void square(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            v.mul(v).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[xi + i] * x[xi + i];
        }
    }

    private static void sqrt(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).sqrt().intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = (float) Math.sqrt(x[xi + i]);
        }
    }

    private static void reciprocal(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        for (int i = 0; i < whole; i += L) {
            one.div(FloatVector.fromArray(S, x, xi + i)).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = 1 / x[xi + i];
        }
    }

    private static void add(float p, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).add(p).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[xi + i] + p;
        }
    }

    /** A short row is a plain loop, which makes no objects before it is compiled, as where a step calls it once. */
    private static void multiply(float p, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n < LONG ? 0 : n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).mul(p).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[xi + i] * p;
        }
    }

    /** By the bits: as ints, those of negative numbers are no larger than those of −∞, and those of NaN are. */
    private static void relu(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        IntVector least = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY).reinterpretAsInts();
        IntVector zero = FloatVector.zero(S).reinterpretAsInts();
        for (int i = 0; i < whole; i += L) {
            IntVector bits = FloatVector.fromArray(S, x, xi + i).reinterpretAsInts();
            IntVector isKept = least.sub(bits.max(least).min(zero)).lanewise(VectorOperators.ASHR, Integer.SIZE - 1);
            bits.and(isKept).reinterpretAsFloats().intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.max(x[xi + i], 0);
        }
    }

    private static void maximum(float p, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).max(p).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.max(x[xi + i], p);
        }
    }

    private static void minimum(float p, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).min(p).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.min(x[xi + i], p);
        }
    }

    /** By comparisons, which take fewer instructions than the extremes; zeros of both signs are what those give. */
    static void clamp(float least, float most, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector lower = FloatVector.broadcast(S, least);
        FloatVector upper = FloatVector.broadcast(S, most);
        // A bound of 0 also replaces the zero of the other sign: max(-0, 0) is 0, and min(0, -0) is -0.
        FloatVector below = FloatVector.broadcast(S, isZero(least, 1) ? Float.MIN_VALUE : least);
        FloatVector above = FloatVector.broadcast(S, isZero(most, -1) ? -Float.MIN_VALUE : most);
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            v = v.blend(lower, v.compare(VectorOperators.LT, below));
            v.blend(upper, v.compare(VectorOperators.GT, above)).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.min(Math.max(x[xi + i], least), most);
        }
    }

    private static boolean isZero(float value, float sign) {
        return value == 0 && Math.copySign(1, value) == sign;
    }

    private static void leakyRelu(float p, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        FloatVector slope = FloatVector.broadcast(S, p);
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            v.mul(slope).blend(v, v.compare(VectorOperators.GT, zero)).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[xi + i] > 0 ? x[xi + i] : p * x[xi + i];
        }
    }
}
