package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * xʸ of float32 as IEEE 754 has it, computed in float64 as 2 to the power of y·log₂|x| and rounded once. |x| is 2ᵉ·m with m from √½ to √2, and
 * log₂ m a polynomial of (m − 1) / (m + 1). Vectors of float64 are made from float32 by arithmetic on their bits: a second size of float32 vectors
 * would have all other kernels make theirs on the heap from then on (JDK 17). Cubes and square roots are computed in float32.
 */
final class Power {
    private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, S.vectorShape());
    private static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, S.vectorShape());

    private static final long FLOAT_MAGNITUDE = 0x7FFF_FFFFL;
    private static final long FLOAT_SIGN = 0x8000_0000L;

    /** Bits that a float64's fraction has more than a float32's. */
    private static final int DROPPED = 29;

    private static final long BELOW_HALF = (1L << DROPPED - 1) - 1;

    /** What float64's exponent is ahead of float32's, in its place and as a factor, which is right for subnormal numbers too. */
    private static final long REBIAS = 1023L - 127 << 52;

    private static final double REBIASED = 0x1p896;

    /** Where logarithms are of normal results, and from where on results are infinite. */
    private static final double LEAST_NORMAL = -125;

    private static final double MOST = 128;

    private static final double WHOLE = 0x1p52;
    private static final long WHOLE_BITS = Double.doubleToRawLongBits(WHOLE);

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

    /**
     * Takes vectors where all x are positive and finite, no exponent is beyond {@link #MOST_EXPONENT} and no result below the normal numbers, else
     * single numbers. Both do the same operations.
     *
     * @param b exponents, or null for the same one for all
     */
    private static void power(float[] a, int ai, double exponent, float[] b, int bi, float[] y, int yi, int n) {
        int whole = b == null && !(Math.abs(exponent) <= MOST_EXPONENT) ? 0 : n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector x = FloatVector.fromArray(S, a, ai + i);
            FloatVector exponents = b == null ? x : FloatVector.fromArray(S, b, bi + i);
            boolean fits = x.compare(VectorOperators.GT, 0f).allTrue()
                    && x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY).allTrue()
                    && (b == null
                            || exponents
                                    .abs()
                                    .compare(VectorOperators.LE, (float) MOST_EXPONENT)
                                    .allTrue());
            // A long of neighbours, one below the other, becomes two of float64.
            LongVector pairs = x.reinterpretAsInts().reinterpretAsLongs();
            LongVector exponentPairs = exponents.reinterpretAsInts().reinterpretAsLongs();
            LongVector results = LongVector.zero(LONGS);
            for (int shift = 0; shift < 2 * Integer.SIZE && fits; shift += Integer.SIZE) {
                LongVector bits = pairs.lanewise(VectorOperators.LSHR, shift)
                        .and(FLOAT_MAGNITUDE)
                        .lanewise(VectorOperators.LSHL, DROPPED)
                        .reinterpretAsDoubles()
                        .mul(REBIASED)
                        .reinterpretAsLongs();
                LongVector e = bits.add((RAISED << MANTISSA_BITS) - SQRT_HALF_BITS)
                        .lanewise(VectorOperators.LSHR, MANTISSA_BITS);
                DoubleVector m = bits.sub(e.sub(RAISED).lanewise(VectorOperators.LSHL, MANTISSA_BITS))
                        .reinterpretAsDoubles();
                DoubleVector s = m.sub(1).div(m.add(1));
                DoubleVector z = s.mul(s);
                DoubleVector q = z.mul(L8)
                        .add(L7)
                        .fma(z, DoubleVector.broadcast(D, L6))
                        .fma(z, DoubleVector.broadcast(D, L5))
                        .fma(z, DoubleVector.broadcast(D, L4))
                        .fma(z, DoubleVector.broadcast(D, L3))
                        .fma(z, DoubleVector.broadcast(D, L2))
                        .fma(z, DoubleVector.broadcast(D, L1))
                        .fma(z, DoubleVector.broadcast(D, L0));
                DoubleVector log = q.fma(
                        s,
                        e.lanewise(VectorOperators.OR, WHOLE_BITS)
                                .reinterpretAsDoubles()
                                .sub(WHOLE + RAISED));
                DoubleVector v = DoubleVector.broadcast(D, exponent);
                if (b != null) {
                    LongVector word = exponentPairs.lanewise(VectorOperators.LSHR, shift);
                    v = word.and(FLOAT_MAGNITUDE)
                            .lanewise(VectorOperators.LSHL, DROPPED)
                            .lanewise(
                                    VectorOperators.OR,
                                    word.and(FLOAT_SIGN).lanewise(VectorOperators.LSHL, Integer.SIZE))
                            .reinterpretAsDoubles()
                            .mul(REBIASED);
                }
                DoubleVector t = v.mul(log);
                fits = t.compare(VectorOperators.GT, LEAST_NORMAL).allTrue();
                t = t.blend(MOST, t.compare(VectorOperators.GT, MOST));
                DoubleVector shifted = t.add(SHIFT);
                DoubleVector r = t.sub(shifted.sub(SHIFT));
                DoubleVector exp = r.mul(E9)
                        .add(E8)
                        .fma(r, DoubleVector.broadcast(D, E7))
                        .fma(r, DoubleVector.broadcast(D, E6))
                        .fma(r, DoubleVector.broadcast(D, E5))
                        .fma(r, DoubleVector.broadcast(D, E4))
                        .fma(r, DoubleVector.broadcast(D, E3))
                        .fma(r, DoubleVector.broadcast(D, E2))
                        .fma(r, DoubleVector.broadcast(D, E1))
                        .fma(r, DoubleVector.broadcast(D, 1));
                LongVector power = exp.mul(shifted.reinterpretAsLongs()
                                .add(BIAS)
                                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                                .reinterpretAsDoubles())
                        .reinterpretAsLongs();
                // To float32, halves to even; what is beyond it is 2¹²⁸ here, whose bits are those of ∞.
                LongVector half =
                        power.lanewise(VectorOperators.LSHR, DROPPED).and(1).add(BELOW_HALF - REBIAS);
                LongVector rounded = power.add(half).lanewise(VectorOperators.LSHR, DROPPED);
                results = results.lanewise(VectorOperators.OR, rounded.lanewise(VectorOperators.LSHL, shift));
            }
            if (fits) {
                results.reinterpretAsInts().reinterpretAsFloats().intoArray(y, yi + i);
            } else {
                for (int j = i; j < i + L; j++) {
                    y[yi + j] = power(a[ai + j], b == null ? exponent : b[bi + j]);
                }
            }
        }
        for (int i = whole; i < n; i++) {
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
