package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * eˣ, eˣ − 1 and ELU in float32. x is k·ln 2 + r with a whole k and |r| ≤ ln 2 / 2; eʳ − 1 is a polynomial.
 *
 * <p>Here, and in the other families of functions, each step is written once for vectors and once for a single number, which is what rows shorter than a
 * vector and the ends of rows take. Both do the same operations in the same order, so that a result does not depend on where it is computed.
 */
final class Exponential {
    /** 1.5·2²³: what is added to it is rounded to a whole number, which then stands in the lowest bits. */
    static final float SHIFT = 0x1.8p23f;

    static final int SHIFT_BITS = Float.floatToRawIntBits(SHIFT);
    static final int BIAS = 127;
    static final int MANTISSA_BITS = 23;

    private static final int RAISED = 64;
    static final float LOWERED = 0x1p-64f;

    static final float LOG2_E = 1.442695f;
    static final float LN_2_HIGH = 0x1.62e4p-1f;
    static final float LN_2_LOW = 0x1.7f7d1cp-20f;

    /** Beyond these, eˣ is infinite, or 0. */
    static final float MOST = 89;

    static final float LEAST = -104;

    /** No further than the second from the first, eˣ is a normal number, and its rounding is that of {@code 1 + (eʳ − 1)}. */
    private static final float NORMAL_CENTRE = 0.75f;

    private static final float NORMAL_RADIUS = 87.25f;

    static final float LEAST_NORMAL = NORMAL_CENTRE - NORMAL_RADIUS;

    /** Below this, eˣ − 1 is −1. */
    private static final float LEAST_OF_ELU = -20;

    /** Below this magnitude eˣ − 1 is x. */
    private static final float LINEAR = 0x1p-25f;

    // (eʳ − 1 − r) / r², by powers of r.
    static final float C0 = 0.5f;
    static final float C1 = 0.16666545f;
    static final float C2 = 0.04166629f;
    static final float C3 = 0.008366346f;
    static final float C4 = 0.0013945999f;

    private Exponential() {}

    /** Returns k + {@link #SHIFT} for a finite x. */
    static FloatVector wholePart(FloatVector x) {
        return x.fma(LOG2_E, SHIFT);
    }

    static float wholePart(float x) {
        return Math.fma(x, LOG2_E, SHIFT);
    }

    /** Returns r, given x and its {@link #wholePart}. */
    static FloatVector rest(FloatVector x, FloatVector whole) {
        FloatVector k = whole.sub(SHIFT);
        return k.fma(FloatVector.broadcast(S, -LN_2_LOW), k.fma(FloatVector.broadcast(S, -LN_2_HIGH), x));
    }

    static float rest(float x, float whole) {
        float k = whole - SHIFT;
        return Math.fma(k, -LN_2_LOW, Math.fma(k, -LN_2_HIGH, x));
    }

    /** Returns the larger part of r, exactly; {@link #restLow} is the other one. */
    static FloatVector restHigh(FloatVector x, FloatVector whole) {
        return whole.sub(SHIFT).fma(FloatVector.broadcast(S, -LN_2_HIGH), x);
    }

    static float restHigh(float x, float whole) {
        return Math.fma(whole - SHIFT, -LN_2_HIGH, x);
    }

    static FloatVector restLow(FloatVector whole) {
        return whole.sub(SHIFT).mul(-LN_2_LOW);
    }

    static float restLow(float whole) {
        return (whole - SHIFT) * -LN_2_LOW;
    }

    /** Returns eʳ − 1. */
    static FloatVector expm1(FloatVector r) {
        return curvature(r).fma(r.mul(r), r);
    }

    static float expm1(float r) {
        return Math.fma(curvature(r), r * r, r);
    }

    /** Returns (eʳ − 1 − r) / r². */
    static FloatVector curvature(FloatVector r) {
        return r.fma(C4, C3)
                .fma(r, FloatVector.broadcast(S, C2))
                .fma(r, FloatVector.broadcast(S, C1))
                .fma(r, FloatVector.broadcast(S, C0));
    }

    static float curvature(float r) {
        return Math.fma(Math.fma(Math.fma(Math.fma(r, C4, C3), r, C2), r, C1), r, C0);
    }

    /** Returns 2ᵏ for a k from −126 to 127. */
    static FloatVector power(FloatVector whole) {
        return whole.reinterpretAsInts()
                .add(BIAS - SHIFT_BITS)
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
    }

    static float power(float whole) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(whole) + (BIAS - SHIFT_BITS) << MANTISSA_BITS);
    }

    /**
     * Returns 2ᵏ⁺⁶⁴ for a k from −190 to 63. Times this and then {@link #LOWERED}, a number is multiplied by 2ᵏ and rounded once, as only the second
     * product can underflow.
     */
    static FloatVector raisedPower(FloatVector whole) {
        return whole.reinterpretAsInts()
                .add(BIAS + RAISED - SHIFT_BITS)
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
    }

    static float raisedPower(float whole) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(whole) + (BIAS + RAISED - SHIFT_BITS) << MANTISSA_BITS);
    }

    /**
     * Returns 2 to the power of k / 2, rounded down, for a k from −252 to 254. Times this and then {@link #otherHalf}, a number is multiplied by 2ᵏ and
     * rounded once, as only the second product can underflow.
     */
    static FloatVector half(FloatVector whole) {
        return whole.reinterpretAsInts()
                .sub(SHIFT_BITS)
                .lanewise(VectorOperators.ASHR, 1)
                .add(BIAS)
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
    }

    static FloatVector otherHalf(FloatVector whole) {
        IntVector k = whole.reinterpretAsInts().sub(SHIFT_BITS);
        return k.sub(k.lanewise(VectorOperators.ASHR, 1))
                .add(BIAS)
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
    }

    /** Returns y·2ᵏ, rounded once. */
    static float scale(float y, float whole) {
        int k = Float.floatToRawIntBits(whole) - SHIFT_BITS;
        int half = k >> 1;
        return y
                * Float.intBitsToFloat(half + BIAS << MANTISSA_BITS)
                * Float.intBitsToFloat(k - half + BIAS << MANTISSA_BITS);
    }

    /** Returns eˣ for an x from {@link #LEAST} to {@link #MOST}, or NaN. */
    static FloatVector ofBounded(FloatVector x) {
        FloatVector whole = wholePart(x);
        return expm1(rest(x, whole)).add(1f).mul(half(whole)).mul(otherHalf(whole));
    }

    static float ofBounded(float x) {
        float whole = wholePart(x);
        return scale(expm1(rest(x, whole)) + 1, whole);
    }

    static float exp(float x) {
        float least = x < LEAST ? LEAST : x;
        return ofBounded(least > MOST ? MOST : least);
    }

    /**
     * Computes {@code y[yi + i] = exp(x[xi + i] − shift)} for i below n. Two vectors at a time, written out: a helper that was compiled by itself
     * before is not always put into a loop, while this method shall not be put into loops over rows, where it would be twice as slow, and is too
     * long for that.
     */
    static void exp(float shift, float[] x, int xi, float[] y, int yi, int n) {
        int pairs = n - n % (2 * L);
        FloatVector minusHigh = FloatVector.broadcast(S, -LN_2_HIGH);
        FloatVector minusLow = FloatVector.broadcast(S, -LN_2_LOW);
        for (int i = 0; i < pairs; i += 2 * L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i).sub(shift);
            FloatVector w = FloatVector.fromArray(S, x, xi + i + L).sub(shift);
            FloatVector far = v.sub(NORMAL_CENTRE).abs();
            if (far.compare(VectorOperators.GT, NORMAL_RADIUS).anyTrue()
                    || w.sub(NORMAL_CENTRE)
                            .abs()
                            .compare(VectorOperators.GT, NORMAL_RADIUS)
                            .anyTrue()) {
                ofAny(shift, x, xi + i, y, yi + i);
                ofAny(shift, x, xi + i + L, y, yi + i + L);
                continue;
            }
            FloatVector shifted = v.fma(LOG2_E, SHIFT);
            FloatVector k = shifted.sub(SHIFT);
            FloatVector r = k.fma(minusLow, k.fma(minusHigh, v));
            FloatVector q = r.fma(C4, C3)
                    .fma(r, FloatVector.broadcast(S, C2))
                    .fma(r, FloatVector.broadcast(S, C1))
                    .fma(r, FloatVector.broadcast(S, C0));
            FloatVector power = shifted.reinterpretAsInts()
                    .add(BIAS - SHIFT_BITS)
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                    .reinterpretAsFloats();
            q.fma(r.mul(r), r).fma(power, power).intoArray(y, yi + i);
            shifted = w.fma(LOG2_E, SHIFT);
            k = shifted.sub(SHIFT);
            r = k.fma(minusLow, k.fma(minusHigh, w));
            q = r.fma(C4, C3)
                    .fma(r, FloatVector.broadcast(S, C2))
                    .fma(r, FloatVector.broadcast(S, C1))
                    .fma(r, FloatVector.broadcast(S, C0));
            power = shifted.reinterpretAsInts()
                    .add(BIAS - SHIFT_BITS)
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                    .reinterpretAsFloats();
            q.fma(r.mul(r), r).fma(power, power).intoArray(y, yi + i + L);
        }
        int left = pairs;
        if (n - pairs >= L) {
            ofAny(shift, x, xi + pairs, y, yi + pairs);
            left += L;
        }
        for (int i = left; i < n; i++) {
            y[yi + i] = exp(x[xi + i] - shift);
        }
    }

    /** Computes a vector of exponentials of which some may overflow, or lose digits since they are very small. */
    private static void ofAny(float shift, float[] x, int xi, float[] y, int yi) {
        FloatVector least = FloatVector.broadcast(S, LEAST);
        FloatVector most = FloatVector.broadcast(S, MOST);
        FloatVector v = FloatVector.fromArray(S, x, xi).sub(shift);
        v = v.blend(least, v.compare(VectorOperators.LT, least));
        ofBounded(v.blend(most, v.compare(VectorOperators.GT, most))).intoArray(y, yi);
    }

    static float elu(float scale, float x, float p) {
        if (x > 0 || x == 0) {
            return x > 0 ? scale * x : p * x;
        }
        float v = x < LEAST_OF_ELU ? LEAST_OF_ELU : x;
        float whole = wholePart(v);
        float power = power(whole);
        return Math.fma(expm1(rest(v, whole)), power, power - 1) * p;
    }

    /** Computes scale·x where x &gt; 0, else p·(eˣ − 1). */
    static void elu(float scale, float p, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        FloatVector least = FloatVector.broadcast(S, LEAST_OF_ELU);
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            // Of a positive number only the bits could be wrong, as it is not taken.
            FloatVector bounded = v.blend(least, v.compare(VectorOperators.LT, least))
                    .blend(zero, v.compare(VectorOperators.GT, zero));
            FloatVector k = wholePart(bounded);
            FloatVector power = power(k);
            FloatVector below = expm1(rest(bounded, k)).fma(power, power.sub(1f));
            // The zero of the result has x's sign.
            below.blend(v, v.compare(VectorOperators.EQ, zero))
                    .mul(p)
                    .blend(v.mul(scale), v.compare(VectorOperators.GT, zero))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = elu(scale, x[xi + i], p);
        }
    }

    /** Returns 2ᵏ⁻¹ for a k from −125 to 128. */
    private static FloatVector halfPower(FloatVector whole) {
        return whole.reinterpretAsInts()
                .add(BIAS - 1 - SHIFT_BITS)
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
    }

    /** 2ᵏ·(eʳ − 1) + (2ᵏ − 1), all of it halved, as 2ᵏ may be beyond float32. */
    private static float expm1OfAny(float x) {
        if (Math.abs(x) < LINEAR) {
            return x;
        }
        float least = x < LEAST_OF_ELU ? LEAST_OF_ELU : x;
        float v = least > MOST ? MOST : least;
        float whole = wholePart(v);
        float power = Float.intBitsToFloat(Float.floatToRawIntBits(whole) + (BIAS - 1 - SHIFT_BITS) << MANTISSA_BITS);
        float half = Math.fma(expm1(rest(v, whole)), power, power - 0.5f);
        return half + half;
    }

    static void expm1(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector least = FloatVector.broadcast(S, LEAST_OF_ELU);
        FloatVector most = FloatVector.broadcast(S, MOST);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            FloatVector v = x1.blend(least, x1.compare(VectorOperators.LT, least));
            v = v.blend(most, v.compare(VectorOperators.GT, most));
            FloatVector k = wholePart(v);
            FloatVector power = halfPower(k);
            FloatVector half = expm1(rest(v, k)).fma(power, power.sub(0.5f));
            half.add(half)
                    .blend(x1, x1.abs().compare(VectorOperators.LT, LINEAR))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = expm1OfAny(x[xi + i]);
        }
    }
}
