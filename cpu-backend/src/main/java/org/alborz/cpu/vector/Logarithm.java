package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** ln x, ln(1 + x) and softplus in float32. x is 2ᵉ·(1 + f) with 1 + f from √½ to √2; ln(1 + f) is a polynomial. See {@link Exponential}. */
final class Logarithm {
    private static final int SQRT_HALF_BITS = Float.floatToRawIntBits(0x1.6a09e6p-1f);
    private static final int MANTISSA_BITS = 23;
    private static final int BIAS = 127;

    /** From here on 1 + x and x have the same logarithm. */
    private static final float WHOLE = 0x1p25f;

    /** What a whole number is added to in order to convert it to float. */
    private static final float SHIFT = 0x1.8p23f;

    private static final int SHIFT_BITS = Float.floatToRawIntBits(SHIFT);

    /** Makes a subnormal number a normal one. */
    private static final float RAISE = 0x1p23f;

    private static final float LN_2_HIGH = 0x1.63p-1f;
    private static final float LN_2_LOW = -0x1.bd0106p-13f;

    /** √2 − 1; beyond it 1 + x is halved. */
    private static final float HALVED = 0.41421356f;

    // (ln(1 + f) − f + f²/2) / f³, by powers of f.
    private static final float C0 = 0.33333313f;
    private static final float C1 = -0.24999987f;
    private static final float C2 = 0.20002076f;
    private static final float C3 = -0.16669169f;
    private static final float C4 = 0.14221188f;
    private static final float C5 = -0.1238681f;
    private static final float C6 = 0.11858705f;
    private static final float C7 = -0.117720105f;
    private static final float C8 = 0.06924284f;

    private Logarithm() {}

    /** Returns ln(1 + f) + e·ln 2 for an f from √½ − 1 to √2 − 1. */
    static FloatVector sum(FloatVector f, FloatVector e) {
        FloatVector square = f.mul(f);
        FloatVector q = f.fma(C8, C7)
                .fma(f, FloatVector.broadcast(S, C6))
                .fma(f, FloatVector.broadcast(S, C5))
                .fma(f, FloatVector.broadcast(S, C4))
                .fma(f, FloatVector.broadcast(S, C3))
                .fma(f, FloatVector.broadcast(S, C2))
                .fma(f, FloatVector.broadcast(S, C1))
                .fma(f, FloatVector.broadcast(S, C0));
        FloatVector small = square.fma(FloatVector.broadcast(S, -0.5f), q.fma(square.mul(f), e.mul(LN_2_LOW)));
        return e.fma(FloatVector.broadcast(S, LN_2_HIGH), f.add(small));
    }

    static float sum(float f, float e) {
        float square = f * f;
        float q = Math.fma(Math.fma(Math.fma(Math.fma(f, C8, C7), f, C6), f, C5), f, C4);
        q = Math.fma(Math.fma(Math.fma(Math.fma(q, f, C3), f, C2), f, C1), f, C0);
        float small = Math.fma(square, -0.5f, Math.fma(q, square * f, e * LN_2_LOW));
        return Math.fma(e, LN_2_HIGH, f + small);
    }

    /** Returns ln(1 + x) for an x from 0 to 1, or NaN. */
    static float log1p(float x) {
        boolean halved = x > HALVED;
        return sum(halved ? (x - 1) * 0.5f : x, halved ? 1 : 0);
    }

    static float log(float x) {
        boolean subnormal = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(subnormal ? x * RAISE : x);
        int e = bits - SQRT_HALF_BITS >> MANTISSA_BITS;
        float f = Float.intBitsToFloat(bits - (e << MANTISSA_BITS)) - 1;
        float exponent = Float.intBitsToFloat(e + SHIFT_BITS) - SHIFT;
        float log = sum(f, subnormal ? exponent - MANTISSA_BITS : exponent);
        float most = x < Float.POSITIVE_INFINITY ? log : x;
        return x < 0 ? Float.NaN : x == 0 ? Float.NEGATIVE_INFINITY : most;
    }

    static void log(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            VectorMask<Float> subnormal = v.compare(VectorOperators.LT, Float.MIN_NORMAL);
            IntVector bits = v.blend(v.mul(RAISE), subnormal).reinterpretAsInts();
            IntVector e = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, MANTISSA_BITS);
            FloatVector f = bits.sub(e.lanewise(VectorOperators.LSHL, MANTISSA_BITS))
                    .reinterpretAsFloats()
                    .sub(1f);
            FloatVector exponent = e.add(SHIFT_BITS).reinterpretAsFloats().sub(SHIFT);
            FloatVector log = sum(f, exponent.blend(exponent.sub(MANTISSA_BITS), subnormal));
            v.blend(log, v.compare(VectorOperators.LT, Float.POSITIVE_INFINITY))
                    .blend(Float.NaN, v.compare(VectorOperators.LT, 0f))
                    .blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = log(x[xi + i]);
        }
    }

    static float softplus(float x) {
        float v = -Math.abs(x);
        float small = log1p(Exponential.ofBounded(v < Exponential.LEAST ? Exponential.LEAST : v));
        return (x < 0 ? 0 : x) + small;
    }

    static void softplus(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            FloatVector v = x1.abs().neg();
            if (v.compare(VectorOperators.LT, Exponential.LEAST_NORMAL).anyTrue()) {
                for (int j = i; j < i + L; j++) {
                    y[yi + j] = softplus(x[xi + j]);
                }
                continue;
            }
            FloatVector whole1 = Exponential.wholePart(v);
            FloatVector power = Exponential.power(whole1);
            FloatVector exponential =
                    Exponential.expm1(Exponential.rest(v, whole1)).fma(power, power);
            // Written out: the compiler puts no more of these calls into a method once it has become long.
            VectorMask<Float> halved = exponential.compare(VectorOperators.GT, HALVED);
            FloatVector f = exponential.blend(exponential.sub(1f).mul(0.5f), halved);
            FloatVector e = zero.blend(1f, halved);
            FloatVector square = f.mul(f);
            FloatVector q = f.fma(C8, C7)
                    .fma(f, FloatVector.broadcast(S, C6))
                    .fma(f, FloatVector.broadcast(S, C5))
                    .fma(f, FloatVector.broadcast(S, C4))
                    .fma(f, FloatVector.broadcast(S, C3))
                    .fma(f, FloatVector.broadcast(S, C2))
                    .fma(f, FloatVector.broadcast(S, C1))
                    .fma(f, FloatVector.broadcast(S, C0));
            FloatVector rest = square.fma(FloatVector.broadcast(S, -0.5f), q.fma(square.mul(f), e.mul(LN_2_LOW)));
            FloatVector small = e.fma(FloatVector.broadcast(S, LN_2_HIGH), f.add(rest));
            x1.blend(zero, x1.compare(VectorOperators.LT, zero)).add(small).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = softplus(x[xi + i]);
        }
    }

    /** ln(1 + x) by the sum u = 1 + x and what its rounding lost, which is added to f as 2⁻ᵉ times it. */
    static float log1pOfAny(float x) {
        if (x == 0 || x == -1 || x < -1) {
            return x == 0 ? x : x == -1 ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
        float u = 1 + x;
        int bits = Float.floatToRawIntBits(u);
        int e = bits - SQRT_HALF_BITS >> MANTISSA_BITS;
        float f = Float.intBitsToFloat(bits - (e << MANTISSA_BITS)) - 1;
        float lost = x < 1 ? x - (u - 1) : 1 - (u - x);
        float power = Float.intBitsToFloat(BIAS - e << MANTISSA_BITS);
        float exponent = Float.intBitsToFloat(e + SHIFT_BITS) - SHIFT;
        float log = sum(x > WHOLE ? f : Math.fma(lost, power, f), exponent);
        return x < Float.POSITIVE_INFINITY ? log : x;
    }

    static void log1p(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            FloatVector u = v.add(1f);
            IntVector bits = u.reinterpretAsInts();
            IntVector e = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, MANTISSA_BITS);
            FloatVector f = bits.sub(e.lanewise(VectorOperators.LSHL, MANTISSA_BITS))
                    .reinterpretAsFloats()
                    .sub(1f);
            FloatVector lost = one.sub(u.sub(v)).blend(v.sub(u.sub(1f)), v.compare(VectorOperators.LT, 1f));
            // As −e − 1 is e with all bits turned.
            FloatVector power = e.lanewise(VectorOperators.XOR, -1)
                    .add(BIAS + 1)
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                    .reinterpretAsFloats();
            f = lost.fma(power, f).blend(f, v.compare(VectorOperators.GT, WHOLE));
            FloatVector exponent = e.add(SHIFT_BITS).reinterpretAsFloats().sub(SHIFT);
            v.blend(sum(f, exponent), v.compare(VectorOperators.LT, Float.POSITIVE_INFINITY))
                    .blend(Float.NaN, v.compare(VectorOperators.LT, -1f))
                    .blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, -1f))
                    .blend(v, v.compare(VectorOperators.EQ, 0f))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = log1pOfAny(x[xi + i]);
        }
    }
}
