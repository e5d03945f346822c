package org.alborz.monitor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How often numbers fall into TensorFlow's buckets, whose limits grow by a tenth from ±10⁻¹² to ±10²⁰. Neighbouring empty buckets are one.
 *
 * @param min the smallest number, 0 without any
 * @param max the largest
 * @param count of the numbers; those that are not finite are not among them
 * @param notFinite how many were not finite
 * @param limits the upper ends of the buckets, ascending
 * @param counts by bucket
 */
record Histogram(
        double min,
        double max,
        long count,
        double sum,
        double sumOfSquares,
        long notFinite,
        double[] limits,
        double[] counts) {
    private static final double SMALLEST = 1e-12;
    private static final double LARGEST = 1e20;
    private static final double FACTOR = 1.1;

    /** Returns the limits of all buckets. */
    static double[] allLimits() {
        List<Double> positive = new ArrayList<>();
        for (double limit = SMALLEST; limit < LARGEST; limit *= FACTOR) {
            positive.add(limit);
        }
        positive.add(Double.MAX_VALUE);
        int half = positive.size();
        double[] limits = new double[2 * half + 1];
        for (int i = 0; i < half; i++) {
            limits[half + 1 + i] = positive.get(i);
            limits[half - 1 - i] = -positive.get(i);
        }
        return limits;
    }

    /** Counts numbers by the limits of {@link #allLimits}. */
    static Histogram of(float[] values, double[] limits) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double squares = 0;
        long count = 0;
        double[] counts = new double[limits.length];
        for (float value : values) {
            if (!Float.isFinite(value)) {
                continue;
            }
            count++;
            min = Math.min(min, value);
            max = Math.max(max, value);
            sum += value;
            squares += (double) value * value;
            counts[bucket(value, limits)]++;
        }
        return count == 0
                ? new Histogram(0, 0, 0, 0, 0, values.length, new double[] {Double.MAX_VALUE}, new double[] {0})
                : compact(min, max, count, sum, squares, values.length - count, limits, counts);
    }

    /** Returns the first bucket whose limit is above the number. */
    private static int bucket(double value, double[] limits) {
        int at = Arrays.binarySearch(limits, value);
        return Math.min(limits.length - 1, at >= 0 ? at + 1 : -at - 1);
    }

    private static Histogram compact(
            double min,
            double max,
            long count,
            double sum,
            double squares,
            long notFinite,
            double[] limits,
            double[] counts) {
        double[] ends = new double[limits.length];
        double[] kept = new double[limits.length];
        int size = 0;
        for (int i = 0; i < limits.length; i++) {
            boolean joins = size > 0 && counts[i] == 0 && kept[size - 1] == 0;
            size = joins ? size : size + 1;
            ends[size - 1] = limits[i];
            kept[size - 1] = counts[i];
        }
        return new Histogram(
                min, max, count, sum, squares, notFinite, Arrays.copyOf(ends, size), Arrays.copyOf(kept, size));
    }

    ProtoMessage message() {
        return new ProtoMessage()
                .float64(1, min)
                .float64(2, max)
                .float64(3, count)
                .float64(4, sum)
                .float64(5, sumOfSquares)
                .packed(6, limits)
                .packed(7, counts);
    }
}
