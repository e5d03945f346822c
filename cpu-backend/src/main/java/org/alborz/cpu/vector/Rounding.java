package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Whole numbers near others, in float32. What 2²³ is added to is rounded to a whole number, the even one of two; larger numbers are whole. A
 * zero has the sign of its argument.
 */
final class Rounding {
    private static final float SHIFT = 0x1p23f;
    private static final int SIGN = Integer.MIN_VALUE;

    private Rounding() {}

    /** Returns the nearest whole number to each magnitude. */
    private static FloatVector nearest(FloatVector magnitude) {
        return magnitude.blend(magnitude.add(SHIFT).sub(SHIFT), magnitude.compare(VectorOperators.LT, SHIFT));
    }

    /** Returns a magnitude with the sign of x. */
    private static FloatVector signed(FloatVector magnitude, FloatVector x) {
        return magnitude
                .reinterpretAsInts()
                .lanewise(VectorOperators.XOR, x.reinterpretAsInts().and(SIGN))
                .reinterpretAsFloats();
    }

    static void round(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            signed(nearest(v.abs()), v).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = (float) Math.rint(x[xi + i]);
        }
    }

    static void trunc(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            FloatVector a = v.abs();
            FloatVector t = nearest(a);
            signed(t.blend(t.sub(1f), t.compare(VectorOperators.GT, a)), v).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = (float) (x[xi + i] < 0 ? Math.ceil(x[xi + i]) : Math.floor(x[xi + i]));
        }
    }

    static void floor(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            FloatVector t = signed(nearest(v.abs()), v);
            signed(t.blend(t.sub(1f), t.compare(VectorOperators.GT, v)).abs(), v)
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = (float) Math.floor(x[xi + i]);
        }
    }

    static void ceil(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xi + i);
            FloatVector t = signed(nearest(v.abs()), v);
            signed(t.blend(t.add(1f), t.compare(VectorOperators.LT, v)).abs(), v)
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = (float) Math.ceil(x[xi + i]);
        }
    }
}
