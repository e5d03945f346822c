package org.alborz.tck;

import org.alborz.type.DType;

/**
 * Numbers of 16 bits.
 *
 * @param fraction bits behind the point
 * @param smallestExponent of a number that has all of them
 * @param largest the largest number
 */
record HalfPrecision(int fraction, int smallestExponent, double largest) {
    static HalfPrecision of(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> new HalfPrecision(10, -14, 65504);
            case BFLOAT16 -> new HalfPrecision(7, -126, 0x1.fep127);
            default -> throw new IllegalArgumentException(dtype + " is not of 16 bits");
        };
    }

    /** Returns half of the distance from 1 to the next number: the largest relative error of one rounding. */
    double roundingError() {
        return Math.scalb(0.5, -fraction);
    }

    /** Returns the nearest number, the even one of two equally near, as IEEE 754 specifies. */
    double round(double x) {
        if (x == 0 || Double.isNaN(x) || Double.isInfinite(x)) {
            return x;
        }
        double unit = Math.scalb(1.0, Math.max(Math.getExponent(x), smallestExponent) - fraction);
        double rounded = Math.rint(x / unit) * unit;
        return Math.abs(rounded) > largest ? Math.copySign(Double.POSITIVE_INFINITY, x) : rounded;
    }
}
