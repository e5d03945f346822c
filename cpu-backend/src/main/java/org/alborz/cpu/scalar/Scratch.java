package org.alborz.cpu.scalar;

import java.util.Arrays;

/** A row of doubles that grows to the largest size asked for and is then used again and again. */
final class Scratch {
    private double[] array = {};

    /** Returns at least {@code size} doubles of undefined content; they are what the last call returned. */
    double[] of(long size) {
        if (array.length < size) {
            array = new double[Math.toIntExact(size)];
        }
        return array;
    }

    /** Returns at least {@code size} doubles, the first {@code size} of which are {@code value}. */
    double[] filled(long size, double value) {
        double[] row = of(size);
        Arrays.fill(row, 0, (int) size, value);
        return row;
    }
}
