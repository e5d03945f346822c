package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * xʸ of float32 as IEEE 754 has it, computed in float64 as 2 to the power of y·log₂|x| and rounded once. |x| is 2ᵉ·m with m from √½ to √2, and
 * log₂ m a polynomial of (m − 1) / (m + 1). A loop of single numbers: one of vectors needs half as many float32 as a vector has, and a second
 * size of vectors has all other kernels make theirs on the heap from then on (JDK 17). Cubes and square roots are by vectors.
 */
final class Power {
    private static final int MANTISSA_BITS = 52;
    private static final long BIAS = 1023;
    private static final long SQRT_HALF_BITS = Double.doubleToRawLongBits(0x1.6a09e667f3bcdp-1);

    /** What keeps exponents positive while they are shifted down. */
    private static final long RAISED = 1024;

    /** 1.5·2⁵²: what is added to it is rounded to a whole number, which then stands in the lowest bits. */
    private static final double SHIFT = 0x1.8p52;

    /** The logarithm of ∞, and less its sign that of 0: times the smallest exponent it is beyond {@link #LIMIT}. */
    private static final double HUGE = 1e300;

    /** Beyond this, an exponent is even, and gives 0, 1 or ∞. */
    private static final double MOST_EXPONENT = 0x1p40;

    /** Beyond this, 2 to the power of it is 0 or ∞ as a float. */
    private static final double LIMIT = 300;

    /** log₂((1 + s) / (1 − s)) by odd powers of s: 2 / ln 2 / (2·i + 1). */
    private static final double L0 = 0x1.71547652b82fep1;

    private static final double L1 = L0 / 3;
    private static final double L2 = L0 / 5;
    private static final double L3 = L0 / 7;
    private static final double L4 = L0 / 9;
    private static final double L5 = L0 / 11;
    private static final double L6 = L0 / 13;
    private static final double L7 = L0 / 15;
    private static final double L8 = L0 / 17;

    /** 2ʳ by powers of r: (ln 2)ⁿ / n!. */
    private static final double E1 = 0x1.62e42fefa39efp-1;

    private static final double E2 = 0x1.ebfbdff82c58fp-3;
    private static final double E3 = 0x1.c6b08d704a0c0p-5;
    private static final double E4 = 0x1.3b2ab6fba4e77p-7;
    private static final double E5 = 0x1.5d87fe78a6731p-10;
    private static final double E6 = 0x1.430912f86c787p-13;
    private static final double E7 = 0x1.ffcbfc588b0c7p-17;
    private static final double E8 = 0x1.62c0223a5c824p-20;
    private static final double E9 = 0x1.b5253d395e7c4p-24;

    private Power() {}

    /** Computes {@code y[yi + i] = x[xi + i] to the power of p} for i below n. */
    static void power(double p, float[] x, int xi, float[] y, int yi, int n) {
        if (Math.abs(p) == 0.5) {
            root(p < 0, x, xi, y, yi, n);
        } else if (p == 3) {
            cube(x, xi, y, yi, n);
        } else {
            power(x, xi, p, null, 0, y, yi, n);
        }
    }

    /** Computes {@code y[yi + i] = a[ai + i] to the power of b[bi + i]} for i below n. */
    static void power(float[] a, int ai, float[] b, int bi, float[] y, int yi, int n) {
        power(a, ai, 0, b, bi, y, yi, n);
    }

    /** @param b exponents, or null for the same one for all */
    private static void power(float[] a, int ai, double exponent, float[] b, int bi, float[] y, int yi, int n) {
        for (int i = 0; i < n; i++) {
            y[yi + i] = power(a[ai + i], b == null ? exponent : b[bi + i]);
        }
    }

    static float power(float x, double p) {
        if (x == 1 || p == 0) {
            return 1;
        }
        double size = Math.abs((double) x);
        long bits = Double.doubleToRawLongBits(size);
        long e = bits + ((RAISED << MANTISSA_BITS) - SQRT_HALF_BITS) >>> MANTISSA_BITS;
        double m = Double.longBitsToDouble(bits - (e - RAISED << MANTISSA_BITS));
        double s = (m - 1) / (m + 1);
        double z = s * s;
        double q = Math.fma(Math.fma(Math.fma(z * L8 + L7, z, L6), z, L5), z, L4);
        q = Math.fma(Math.fma(Math.fma(Math.fma(q, z, L3), z, L2), z, L1), z, L0);
        double log = Math.fma(q, s, e - RAISED);
        log = Double.isNaN(size) ? size : size == 0 ? -HUGE : size == Double.POSITIVE_INFINITY ? HUGE : log;
        double v = p > MOST_EXPONENT ? MOST_EXPONENT : p < -MOST_EXPONENT ? -MOST_EXPONENT : p;
        double t = v * log;
        t = t > LIMIT ? LIMIT : t < -LIMIT ? -LIMIT : t;
        double shifted = t + SHIFT;
        double r = t - (shifted - SHIFT);
        double exp = Math.fma(Math.fma(Math.fma(r * E9 + E8, r, E7), r, E6), r, E5);
        exp = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(exp, r, E4), r, E3), r, E2), r, E1), r, 1);
        double power = exp * Double.longBitsToDouble(Double.doubleToRawLongBits(shifted) + BIAS << MANTISSA_BITS);
        double wholeExponent = v + SHIFT;
        if (wholeExponent - SHIFT != v) {
            return x < 0 && x != Float.NEGATIVE_INFINITY ? Float.NaN : (float) power;
        }
        boolean odd = (Double.doubleToRawLongBits(wholeExponent) & 1) != 0;
        return (float) (odd && Float.floatToRawIntBits(x) < 0 ? -power : power);
    }

    /** √x or its reciprocal; unlike these, a power of −0 is that of 0, and one of −∞ that of ∞. */
    private static void root(boolean inverse, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i).add(0f);
            v = v.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY))
                    .sqrt();
            if (inverse) {
                v = one.div(v);
            }
            v.intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            float v = x[xi + i] + 0;
            float root = (float) Math.sqrt(v == Float.NEGATIVE_INFINITY ? Float.POSITIVE_INFINITY : v);
            y[yi + i] = inverse ? 1 / root : root;
        }
    }

    private static void cube(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            v.mul(v).mul(v).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[xi + i] * x[xi + i] * x[xi + i];
        }
    }
}
