package org.alborz.cpu.memory;

import org.alborz.type.DType;

/**
 * The bits of the floating types of 16 bits: a sign, an exponent, and a fraction.
 *
 * <p>Numbers are rounded to the nearest, halves to even, as IEEE 754 says; those beyond the largest become infinite.
 */
final class Float16Format {
    private static final int DOUBLE_FRACTION = 52;
    private static final int DOUBLE_BIAS = 1023;
    private static final long DOUBLE_MAGNITUDE = Long.MAX_VALUE;
    private static final int SIGN = 0x8000;

    private final int fractionBits;
    private final int bias;
    private final int infinity;

    /** What a subnormal's bits count in, and its inverse. */
    private final double smallest;

    private final double perSmallest;

    private Float16Format(int fractionBits, int bias) {
        this.fractionBits = fractionBits;
        this.bias = bias;
        this.infinity = 2 * bias + 1 << fractionBits;
        this.smallest = Math.scalb(1.0, 1 - bias - fractionBits);
        this.perSmallest = Math.scalb(1.0, bias + fractionBits - 1);
    }

    static Float16Format of(DType dtype) {
        return dtype == DType.FLOAT16 ? new Float16Format(10, 15) : new Float16Format(7, 127);
    }

    short bits(double value) {
        long all = Double.doubleToRawLongBits(value);
        long magnitude = all & DOUBLE_MAGNITUDE;
        int sign = all < 0 ? SIGN : 0;
        int exponent = (int) (magnitude >> DOUBLE_FRACTION) - DOUBLE_BIAS;
        if (exponent > bias) {
            boolean isNaN = Double.isNaN(value);
            return (short) (sign | infinity | (isNaN ? 1 << fractionBits - 1 : 0));
        }
        if (exponent < 1 - bias) {
            return (short) (sign | (int) Math.rint(Math.abs(value) * perSmallest));
        }
        int dropped = DOUBLE_FRACTION - fractionBits;
        long half = (1L << dropped - 1) - 1 + (magnitude >> dropped & 1);
        long rounded = magnitude + half >> dropped;
        return (short) (sign | (int) (rounded - ((long) (DOUBLE_BIAS - bias) << fractionBits)));
    }

    double toDouble(short bits) {
        int magnitude = bits & SIGN - 1;
        double value;
        if (magnitude >= infinity) {
            value = magnitude == infinity ? Double.POSITIVE_INFINITY : Double.NaN;
        } else if (magnitude >> fractionBits == 0) {
            value = magnitude * smallest;
        } else {
            long wide = magnitude + ((long) (DOUBLE_BIAS - bias) << fractionBits);
            value = Double.longBitsToDouble(wide << DOUBLE_FRACTION - fractionBits);
        }
        return bits < 0 ? -value : value;
    }
}
