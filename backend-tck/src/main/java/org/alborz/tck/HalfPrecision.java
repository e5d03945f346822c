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

    /** Returns the bits of a number that this type holds: sign, exponent, fraction. */
    short bits(double number) {
        int sign = Double.doubleToRawLongBits(number) < 0 ? 1 << Short.SIZE - 1 : 0;
        int infinity = (1 << Short.SIZE - 1) - (1 << fraction);
        if (!Double.isFinite(number)) {
            return (short) (sign | infinity | (Double.isNaN(number) ? 1 << fraction - 1 : 0));
        }
        int exponent = Math.max(Math.getExponent(number), smallestExponent);
        int digits = (int) Math.scalb(Math.abs(number), fraction - exponent);
        // The leading bit of a number that is not subnormal adds 1 to the exponent.
        return (short) (sign | (exponent - smallestExponent << fraction) + digits);
    }

    /** Returns the number that bits stand for. */
    double number(short bits) {
        int exponent = (bits & Short.MAX_VALUE) >> fraction;
        int digits = bits & (1 << fraction) - 1;
        double magnitude;
        if (exponent == (1 << Short.SIZE - 1 - fraction) - 1) {
            magnitude = digits == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else {
            int whole = exponent == 0 ? digits : digits + (1 << fraction);
            magnitude = Math.scalb((double) whole, Math.max(exponent, 1) - 1 + smallestExponent - fraction);
        }
        return bits < 0 ? -magnitude : magnitude;
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
