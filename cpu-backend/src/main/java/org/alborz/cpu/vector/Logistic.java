package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The logistic function, tanh, SiLU and Mish in float32, by exponentials of negative numbers, which do not overflow. See {@link Exponential}.
 *
 * <p>The loops of the logistic function and of tanh have its steps in their own text. So they have more than 325 bytes each, and HotSpot's second
 * compiler does not put them into their callers. Where several of them follow each other, as the gates of an LSTM do, its limit on the size of what
 * is compiled together was reached within the second loop, whose last steps remained calls: gates took 2.8 times as long.
 */
final class Logistic {
    /** Below this, tanh is a polynomial. */
    private static final float SMALL = 0.55f;

    /** From here on, tanh is 1. */
    private static final float MOST = 10;

    /** Below this eˣ nears float32's smallest normal number. */
    private static final float TAIL = -80;

    /** Below this x·eˣ is 0. */
    private static final double LEAST = -1000;

    // (tanh x / x − 1) / x², by powers of x².
    private static final float C0 = -0.3333332f;
    private static final float C1 = 0.13332662f;
    private static final float C2 = -0.053859305f;
    private static final float C3 = 0.021097625f;
    private static final float C4 = -0.006307952f;

    // 1 / d for a d from 1 to 2 is INVERSE_0 + INVERSE_1·d up to some hundredths, which is enough for what a quotient
    // left.
    private static final float INVERSE_0 = 1.457f;
    private static final float INVERSE_1 = -0.485f;

    private Logistic() {}

    /** Divides by 1 + e as if that were not rounded: the quotient is corrected by what it leaves. */
    static float sigmoid(float x) {
        float v = -Math.abs(x);
        float e = Exponential.ofBounded(v < Exponential.LEAST ? Exponential.LEAST : v);
        float above = x < 0 ? e : 1;
        float below = e + 1;
        float y = above / below;
        float left = Math.fma(-y, e - (below - 1), Math.fma(-y, below, above));
        return Math.fma(left, Math.fma(below, INVERSE_1, INVERSE_0), y);
    }

    static void sigmoid(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            FloatVector v = x1.abs().neg();
            if (v.compare(VectorOperators.LT, Exponential.LEAST_NORMAL).anyTrue()) {
                for (int j = i; j < i + L; j++) {
                    y[yi + j] = sigmoid(x[xi + j]);
                }
                continue;
            }
            FloatVector shifted = v.fma(Exponential.LOG2_E, Exponential.SHIFT);
            FloatVector power = shifted.reinterpretAsInts()
                    .add(Exponential.BIAS - Exponential.SHIFT_BITS)
                    .lanewise(VectorOperators.LSHL, Exponential.MANTISSA_BITS)
                    .reinterpretAsFloats();
            FloatVector k = shifted.sub(Exponential.SHIFT);
            FloatVector r = k.fma(
                    FloatVector.broadcast(S, -Exponential.LN_2_LOW),
                    k.fma(FloatVector.broadcast(S, -Exponential.LN_2_HIGH), v));
            FloatVector e = r.fma(Exponential.C4, Exponential.C3)
                    .fma(r, FloatVector.broadcast(S, Exponential.C2))
                    .fma(r, FloatVector.broadcast(S, Exponential.C1))
                    .fma(r, FloatVector.broadcast(S, Exponential.C0))
                    .fma(r.mul(r), r)
                    .fma(power, power);
            FloatVector above = one.blend(e, x1.compare(VectorOperators.LT, 0f));
            FloatVector below = e.add(one);
            FloatVector quotient = above.div(below);
            FloatVector minus = quotient.neg();
            FloatVector left = minus.fma(e.sub(below.sub(one)), minus.fma(below, above));
            left.fma(below.fma(INVERSE_1, INVERSE_0), quotient).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = sigmoid(x[xi + i]);
        }
    }

    static float tanh(float x) {
        float a = Math.abs(x);
        float square = x * x;
        float q = Math.fma(Math.fma(Math.fma(Math.fma(square, C4, C3), square, C2), square, C1), square, C0);
        float small = Math.fma(q, square, 1) * x;
        float v = (a > MOST ? MOST : a) * -2;
        float whole = Exponential.wholePart(v);
        float power = Exponential.power(whole);
        float e = Math.fma(Exponential.expm1(Exponential.rest(v, whole)), power, power);
        float large = 1 - (e + e) / (e + 1);
        return a < SMALL ? small : x < 0 ? -large : large;
    }

    static void tanh(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        FloatVector most = FloatVector.broadcast(S, MOST);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            FloatVector a = x1.abs();
            FloatVector v = a.blend(most, a.compare(VectorOperators.GT, most)).mul(-2f);
            FloatVector shifted = v.fma(Exponential.LOG2_E, Exponential.SHIFT);
            FloatVector power = shifted.reinterpretAsInts()
                    .add(Exponential.BIAS - Exponential.SHIFT_BITS)
                    .lanewise(VectorOperators.LSHL, Exponential.MANTISSA_BITS)
                    .reinterpretAsFloats();
            FloatVector k = shifted.sub(Exponential.SHIFT);
            FloatVector r = k.fma(
                    FloatVector.broadcast(S, -Exponential.LN_2_LOW),
                    k.fma(FloatVector.broadcast(S, -Exponential.LN_2_HIGH), v));
            FloatVector e = r.fma(Exponential.C4, Exponential.C3)
                    .fma(r, FloatVector.broadcast(S, Exponential.C2))
                    .fma(r, FloatVector.broadcast(S, Exponential.C1))
                    .fma(r, FloatVector.broadcast(S, Exponential.C0))
                    .fma(r.mul(r), r)
                    .fma(power, power);
            FloatVector large = one.sub(e.add(e).div(e.add(one)));
            FloatVector square = x1.mul(x1);
            FloatVector q = square.fma(C4, C3)
                    .fma(square, FloatVector.broadcast(S, C2))
                    .fma(square, FloatVector.broadcast(S, C1))
                    .fma(square, FloatVector.broadcast(S, C0));
            large.blend(large.neg(), x1.compare(VectorOperators.LT, 0f))
                    .blend(q.fma(square, one).mul(x1), a.compare(VectorOperators.LT, SMALL))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = tanh(x[xi + i]);
        }
    }

    /** Returns x·eˣ, which is SiLU and Mish far below 0, where eˣ has lost digits but the product has not; at −∞, −0. */
    private static float tail(float x) {
        double bounded = Math.max(x, LEAST);
        return (float) (bounded * Math.exp(bounded));
    }

    private static float silu(float x) {
        return x < TAIL ? tail(x) : sigmoid(x) * x;
    }

    static void silu(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        FloatVector least = FloatVector.broadcast(S, Exponential.LEAST);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            if (x1.compare(VectorOperators.LT, TAIL).anyTrue()) {
                for (int lane = i; lane < i + L; lane++) {
                    y[yi + lane] = silu(x[xi + lane]);
                }
                continue;
            }
            FloatVector v = x1.abs().neg();
            FloatVector e = Exponential.ofBounded(v.blend(least, v.compare(VectorOperators.LT, least)));
            FloatVector above = one.blend(e, x1.compare(VectorOperators.LT, 0f));
            FloatVector below = e.add(one);
            FloatVector quotient = above.div(below);
            FloatVector minus = quotient.neg();
            FloatVector left = minus.fma(e.sub(below.sub(one)), minus.fma(below, above));
            left.fma(below.fma(INVERSE_1, INVERSE_0), quotient).mul(x1).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = silu(x[xi + i]);
        }
    }

    /** By n / (n + 2) with n = eˣ·(eˣ + 2), which is tanh(ln(1 + eˣ)); above 0, by e⁻ˣ. */
    private static float mish(float x) {
        if (x < TAIL) {
            return tail(x);
        }
        float v = -Math.abs(x);
        float e = Exponential.ofBounded(v < Exponential.LEAST ? Exponential.LEAST : v);
        float above = x < 0 ? e * (e + 2) : e + e + 1;
        float rest = x < 0 ? 2 : (e + e) * e;
        return above / (above + rest) * x;
    }

    static void mish(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector least = FloatVector.broadcast(S, Exponential.LEAST);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            if (x1.compare(VectorOperators.LT, TAIL).anyTrue()) {
                for (int lane = i; lane < i + L; lane++) {
                    y[yi + lane] = mish(x[xi + lane]);
                }
                continue;
            }
            FloatVector v = x1.abs().neg();
            FloatVector e = Exponential.ofBounded(v.blend(least, v.compare(VectorOperators.LT, least)));
            VectorMask<Float> negative = x1.compare(VectorOperators.LT, 0f);
            FloatVector twice = e.add(e);
            FloatVector above = twice.add(1f).blend(e.mul(e.add(2f)), negative);
            FloatVector rest = twice.mul(e).blend(2f, negative);
            above.div(above.add(rest)).mul(x1).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = mish(x[xi + i]);
        }
    }
}
