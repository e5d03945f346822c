package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * How far a result may be from what the oracle says.
 *
 * @param float32 the largest error relative to the magnitude
 * @param float64 likewise
 * @param ofEach whether the magnitude is each element's own, at least a thousandth of 1 or of the largest; else it is the largest element's,
 *     at least a tenth, as befits sums, whose terms are about 1 and may cancel
 */
record Tolerance(double float32, double float64, boolean ofEach) {
    private static final double FLOOR = 1e-3;
    private static final double CANCELLED = 0.1;

    /** Returns the tolerance of functions that IEEE 754 rounds correctly. */
    static Tolerance rounded() {
        return new Tolerance(1.2e-7, 2.3e-16, true);
    }

    /** Returns the tolerance of a function of one element: a few units in the last place. */
    static Tolerance function() {
        return new Tolerance(1e-6, 1e-14, true);
    }

    /** Returns the tolerance of sums of products. */
    static Tolerance accumulated() {
        return new Tolerance(3e-6, 1e-13, false);
    }

    double of(DType dtype) {
        return dtype == DType.FLOAT64 ? float64 : float32;
    }

    /** Fails unless the tensor has the expected shape and, within the tolerance, the expected values. */
    void check(String what, Tensor actual, HostArray expected) {
        assertThat(actual.shape()).as("shape of %s", what).isEqualTo(expected.shape());
        DType dtype = actual.dtype();
        double[] values = actual.toDoubles();
        double largest = expected.largestMagnitude();
        for (int i = 0; i < values.length; i++) {
            double want = dtype == DType.FLOAT32 ? (float) expected.values()[i] : expected.values()[i];
            double magnitude =
                    ofEach ? Math.max(Math.abs(want), FLOOR * Math.min(1, largest)) : Math.max(largest, CANCELLED);
            if (!isClose(values[i], want, of(dtype) * magnitude + tiny(dtype))) {
                throw new AssertionError(what + ": element " + i + " of " + expected.shape() + " " + dtype
                        + " expected " + want + " within " + of(dtype) * magnitude + ", got " + values[i]);
            }
        }
    }

    private static boolean isClose(double actual, double expected, double allowed) {
        if (Double.isNaN(expected)) {
            return Double.isNaN(actual);
        }
        return actual == expected || Math.abs(actual - expected) <= allowed;
    }

    /** Results that underflow may be flushed to 0. */
    private static double tiny(DType dtype) {
        return dtype == DType.FLOAT64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
    }
}
