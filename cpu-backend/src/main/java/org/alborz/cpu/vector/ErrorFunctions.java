package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The error function and GELU in float32. See {@link Exponential}.
 *
 * <p>With t = |x|, erf is a polynomial times x where t is small, else 1 − exp(t·p(t)). GELU is max(x, 0) − t·Φ(−t), where Φ(−t) is exp(−t²/2) times a function that
 * changes slowly: 1 / (t + 3) times a polynomial of (t − 3) / (t + 3). So it keeps its digits where x is far below 0.
 */
final class ErrorFunctions {
    /** Below this, erf is a polynomial. */
    private static final float SMALL = 0.93f;

    /** From here on, erf is 1. */
    private static final float MOST = 4;

    // erf x / x − 1, by powers of x².
    private static final float S0 = 0.12837917f;
    private static final float S1 = -0.37612635f;
    private static final float S2 = 0.11283694f;
    private static final float S3 = -0.02685927f;
    private static final float S4 = 0.0052006342f;
    private static final float S5 = -0.0008137438f;
    private static final float S6 = 8.345225e-05f;

    // ln erfc t / t, by powers of t.
    private static final float E0 = -1.1285517f;
    private static final float E1 = -0.6356253f;
    private static final float E2 = -0.1052627f;
    private static final float E3 = 0.022674138f;
    private static final float E4 = -0.0029301578f;
    private static final float E5 = 4.958684e-05f;
    private static final float E6 = 4.5581175e-05f;
    private static final float E7 = -4.9382143e-06f;

    /** Beyond this, GELU is x or 0. */
    private static final float MOST_OF_GELU = 15;

    private static final float MIDDLE = 3;

    // Φ(−t)·exp(t²/2)·(t + 3), by powers of (t − 3) / (t + 3); the first in two parts.
    private static final float G0 = 0.7290837f;
    private static final float G0_LOW = -2.673598e-8f;
    private static final float G1 = -0.509332f;
    private static final float G2 = 0.2300177f;
    private static final float G3 = -0.047262713f;
    private static final float G4 = -0.010462553f;
    private static final float G5 = 0.0069694263f;
    private static final float G6 = 0.0010248987f;
    private static final float G7 = -0.0010327819f;
    private static final float G8 = -0.0002449653f;
    private static final float G9 = 0.00013144505f;
    private static final float G10 = 5.4614444e-05f;

    private ErrorFunctions() {}

    static float erf(float x) {
        float t = Math.abs(x);
        float square = x * x;
        float q = Math.fma(Math.fma(Math.fma(square, S6, S5), square, S4), square, S3);
        q = Math.fma(Math.fma(Math.fma(q, square, S2), square, S1), square, S0);
        float small = Math.fma(q, x, x);
        float v = t > MOST ? MOST : t;
        float p = Math.fma(Math.fma(Math.fma(Math.fma(v, E7, E6), v, E5), v, E4), v, E3);
        p = Math.fma(Math.fma(Math.fma(p, v, E2), v, E1), v, E0) * v;
        float whole = Exponential.wholePart(p);
        float power = Exponential.power(whole);
        float large = 1 - Math.fma(Exponential.expm1(Exponential.rest(p, whole)), power, power);
        return t < SMALL ? small : x < 0 ? -large : large;
    }

    static void erf(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        FloatVector most = FloatVector.broadcast(S, MOST);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            FloatVector t = x1.abs();
            FloatVector v = t.blend(most, t.compare(VectorOperators.GT, most));
            FloatVector p = v.fma(E7, E6)
                    .fma(v, FloatVector.broadcast(S, E5))
                    .fma(v, FloatVector.broadcast(S, E4))
                    .fma(v, FloatVector.broadcast(S, E3))
                    .fma(v, FloatVector.broadcast(S, E2))
                    .fma(v, FloatVector.broadcast(S, E1))
                    .fma(v, FloatVector.broadcast(S, E0))
                    .mul(v);
            FloatVector k = Exponential.wholePart(p);
            FloatVector power = Exponential.power(k);
            FloatVector large =
                    one.sub(Exponential.expm1(Exponential.rest(p, k)).fma(power, power));
            FloatVector square = x1.mul(x1);
            FloatVector q = square.fma(S6, S5)
                    .fma(square, FloatVector.broadcast(S, S4))
                    .fma(square, FloatVector.broadcast(S, S3))
                    .fma(square, FloatVector.broadcast(S, S2))
                    .fma(square, FloatVector.broadcast(S, S1))
                    .fma(square, FloatVector.broadcast(S, S0));
            large.blend(large.neg(), x1.compare(VectorOperators.LT, 0f))
                    .blend(q.fma(x1, x1), t.compare(VectorOperators.LT, SMALL))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = erf(x[xi + i]);
        }
    }

    static float gelu(float x) {
        float magnitude = Math.abs(x);
        float t = magnitude > MOST_OF_GELU ? MOST_OF_GELU : magnitude;
        float square = t * t;
        float exponent = square * -0.5f;
        float whole = Exponential.wholePart(exponent);
        float low = Math.fma(Math.fma(t, t, -square), -0.5f, Exponential.restLow(whole));
        float high = Exponential.restHigh(exponent, whole);
        float r = high + low;
        float rLow = low - (r - high);
        float curve = Exponential.curvature(r) * (r * r);
        // t / (t + 3) is u and what is left.
        float sum = t + MIDDLE;
        float inverse = 1 / sum;
        float u = t * inverse;
        float left = Math.fma(-u, t - (sum - MIDDLE), Math.fma(-u, sum, t)) * inverse;
        float v = Math.fma(u, 2f, -1f);
        float v2 = v * v;
        float q = Math.fma(Math.fma(v, G6, G5), v2, Math.fma(v, G4, G3));
        q = Math.fma(Math.fma(Math.fma(v, G10, G9), v2, Math.fma(v, G8, G7)), v2 * v2, q);
        float p = Math.fma(Math.fma(q, v, G2), v, G1);
        float f = Math.fma(p, v, G0);
        float fLow = Math.fma(p, v, G0 - f) + Math.fma(left, p + p, G0_LOW);
        float product = u * f;
        float productLow = Math.fma(u, fLow, Math.fma(left, f, Math.fma(u, f, -product)));
        float rest = Math.fma(product, r, Math.fma(product, curve, Math.fma(product, rLow, productLow)));
        float tail = (product + rest) * Exponential.raisedPower(whole);
        return (x < 0 ? 0 : x) - tail * Exponential.LOWERED;
    }

    /** The polynomial is added up in parts that do not wait for each other, and takes u as it was rounded: each step waits for the one before. */
    static void gelu(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        FloatVector half = FloatVector.broadcast(S, -0.5f);
        IntVector most = FloatVector.broadcast(S, MOST_OF_GELU).reinterpretAsInts();
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            // By the bits, which are in the order of the numbers; of NaN, the result is x.
            FloatVector t = x1.abs().reinterpretAsInts().min(most).reinterpretAsFloats();
            // The exponential comes first: the compiler puts no more of these calls into a method once it has become
            // long.
            FloatVector square = t.mul(t);
            FloatVector exponent = square.mul(half);
            FloatVector k = Exponential.wholePart(exponent);
            FloatVector low = t.fma(t, square.neg()).fma(half, Exponential.restLow(k));
            FloatVector high = Exponential.restHigh(exponent, k);
            FloatVector r = high.add(low);
            FloatVector rLow = low.sub(r.sub(high));
            FloatVector curve = Exponential.curvature(r).mul(r.mul(r));
            FloatVector power = Exponential.raisedPower(k);
            FloatVector sum = t.add(MIDDLE);
            FloatVector inverse = FloatVector.broadcast(S, 1).div(sum);
            FloatVector u = t.mul(inverse);
            FloatVector minus = u.neg();
            FloatVector left =
                    minus.fma(t.sub(sum.sub(MIDDLE)), minus.fma(sum, t)).mul(inverse);
            FloatVector v = u.fma(2f, -1f);
            FloatVector v2 = v.mul(v);
            FloatVector q = v.fma(G6, G5).fma(v2, v.fma(G4, G3));
            q = v.fma(G10, G9).fma(v2, v.fma(G8, G7)).fma(v2.mul(v2), q);
            FloatVector p = q.fma(v, FloatVector.broadcast(S, G2)).fma(v, FloatVector.broadcast(S, G1));
            FloatVector f = p.fma(v, FloatVector.broadcast(S, G0));
            FloatVector fLow = p.fma(v, FloatVector.broadcast(S, G0).sub(f))
                    .add(left.fma(p.add(p), FloatVector.broadcast(S, G0_LOW)));
            FloatVector product = u.mul(f);
            FloatVector productLow = u.fma(fLow, left.fma(f, u.fma(f, product.neg())));
            FloatVector rest = product.fma(r, product.fma(curve, product.fma(rLow, productLow)));
            FloatVector tail = product.add(rest).mul(power).mul(Exponential.LOWERED);
            x1.blend(zero, x1.compare(VectorOperators.LT, zero)).sub(tail).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = gelu(x[xi + i]);
        }
    }
}
