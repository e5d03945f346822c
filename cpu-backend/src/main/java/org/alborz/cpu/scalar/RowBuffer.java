package org.alborz.cpu.scalar;

import java.util.Arrays;

/** A row of doubles that grows to the largest size asked for and is then used again and again. */
final class RowBuffer {
    private double[] array = {};

    /** Returns at least {@code size} doubles of undefined content; they are what the last call returned. */
    double[] of(long size) {
        if (array.length < size) {
            array = new double[length(size)];
        }
        return array;
    }

    /** Returns at least {@code size} doubles, the first {@code size} of which are {@code value}. */
    double[] filled(long size, double value) {
        double[] row = of(size);
        Arrays.fill(row, 0, (int) size, value);
        return row;
    }

    private static int length(long numbers) {
        if (numbers > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("An operation on cpu-scalar needs scratch memory for " + numbers
                    + " numbers, more than an array holds; use a smaller batch or smaller layers");
        }
        return (int) numbers;
    }
}
