package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sine and cosine in float32. x is k·π/2 + r with a whole k and |r| ≤ π/4; sin r and cos r are polynomials. Beyond {@link #MOST} a vector goes
 * number by number to {@link StrictMath}. See {@link Exponential}.
 */
final class Trigonometric {
    /** Up to here, π/2 in three parts is exact enough. */
    private static final float MOST = 65536;

    /** 1.5·2²³: what is added to it is rounded to a whole number, which then stands in the lowest bits. */
    private static final float SHIFT = 0x1.8p23f;

    private static final float TWO_OVER_PI = 0.63661977f;
    private static final float HALF_PI_1 = 0x1.921fb6p0f;
    private static final float HALF_PI_2 = -0x1.777a5cp-25f;
    private static final float HALF_PI_3 = -0x1.ee59dap-50f;

    // (sin r / r − 1) / r², by powers of r².
    private static final float S0 = -0.16666667f;
    private static final float S1 = 0.008333329f;
    private static final float S2 = -0.00019839335f;
    private static final float S3 = 2.7182941e-06f;

    // (cos r − 1 + r²/2) / r⁴, by powers of r².
    private static final float C0 = 0.041666646f;
    private static final float C1 = -0.0013887365f;
    private static final float C2 = 2.4438039e-05f;

    private Trigonometric() {}

    /** Returns sin(x + quarter·π/2) for a quarter of 0 or 1, so sin x or cos x. */
    static float sin(int quarter, float x) {
        if (Math.abs(x) > MOST) {
            return (float) (quarter == 0 ? StrictMath.sin(x) : StrictMath.cos(x));
        }
        float whole = Math.fma(x, TWO_OVER_PI, SHIFT);
        float k = whole - SHIFT;
        float r = Math.fma(k, -HALF_PI_3, Math.fma(k, -HALF_PI_2, Math.fma(k, -HALF_PI_1, x)));
        float square = r * r;
        float s = Math.fma(Math.fma(Math.fma(square, S3, S2), square, S1), square, S0);
        float sin = Math.fma(s, square * r, r);
        float c = Math.fma(Math.fma(square, C2, C1), square, C0);
        float cos = Math.fma(c, square * square, Math.fma(square, -0.5f, 1));
        int place = Float.floatToRawIntBits(whole) + quarter;
        float y = (place & 1) != 0 ? cos : sin;
        float signed = Float.intBitsToFloat(Float.floatToRawIntBits(y) ^ (place & 2) << 30);
        return x == 0 && quarter == 0 ? x : signed;
    }

    static void sin(int quarter, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            if (v.abs().compare(VectorOperators.GT, MOST).anyTrue()) {
                for (int lane = i; lane < i + L; lane++) {
                    y[yi + lane] = sin(quarter, x[xi + lane]);
                }
                continue;
            }
            FloatVector shifted = v.fma(TWO_OVER_PI, SHIFT);
            FloatVector k = shifted.sub(SHIFT);
            FloatVector r = k.fma(
                    FloatVector.broadcast(S, -HALF_PI_3),
                    k.fma(FloatVector.broadcast(S, -HALF_PI_2), k.fma(FloatVector.broadcast(S, -HALF_PI_1), v)));
            FloatVector square = r.mul(r);
            FloatVector sin = square.fma(S3, S2)
                    .fma(square, FloatVector.broadcast(S, S1))
                    .fma(square, FloatVector.broadcast(S, S0))
                    .fma(square.mul(r), r);
            FloatVector cos = square.fma(C2, C1)
                    .fma(square, FloatVector.broadcast(S, C0))
                    .fma(square.mul(square), square.fma(FloatVector.broadcast(S, -0.5f), one));
            IntVector place = shifted.reinterpretAsInts().add(quarter);
            // Where the number is odd, 2 as a float.
            FloatVector odd = place.and(1).lanewise(VectorOperators.LSHL, 30).reinterpretAsFloats();
            IntVector sign = place.and(2).lanewise(VectorOperators.LSHL, 30);
            FloatVector signed = sin.blend(cos, odd.compare(VectorOperators.GT, 0f))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, sign)
                    .reinterpretAsFloats();
            if (quarter == 0) {
                signed = signed.blend(v, v.compare(VectorOperators.EQ, 0f));
            }
            signed.intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = sin(quarter, x[xi + i]);
        }
    }
}
