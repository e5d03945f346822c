package org.alborz.type;

/**
 * Where the pixels of a resized axis are in the original, by PyTorch's conventions: corners of the images on each other
 * ({@code align_corners}), or of their outermost pixels (half-pixel centres).
 */
public final class PixelPlaces {
    private static final double CUBIC = -0.75;

    private PixelPlaces() {}

    /** Returns for each of {@code to} pixels the nearest of {@code from}. */
    public static int[] nearest(int from, int to, boolean exact) {
        int[] places = new int[to];
        for (int i = 0; i < to; i++) {
            long place = exact ? (2L * i + 1) * from / (2L * to) : (long) i * from / to;
            places[i] = (int) Math.min(place, from - 1);
        }
        return places;
    }

    /** Returns the matrix {@code [to][from]} that interpolates linearly. */
    public static double[][] linear(int from, int to, boolean alignCorners) {
        double[][] weights = new double[to][from];
        for (int i = 0; i < to; i++) {
            double place = Math.min(Math.max(0, place(i, from, to, alignCorners)), from - 1);
            int first = (int) place;
            double rest = place - first;
            weights[i][first] += 1 - rest;
            weights[i][Math.min(first + 1, from - 1)] += rest;
        }
        return weights;
    }

    /** Returns the matrix {@code [to][from]} of cubic convolution; beyond the border its pixel is repeated. */
    public static double[][] cubic(int from, int to, boolean alignCorners) {
        double[][] weights = new double[to][from];
        for (int i = 0; i < to; i++) {
            double place = place(i, from, to, alignCorners);
            int first = (int) Math.floor(place);
            for (int k = -1; k <= 2; k++) {
                int at = Math.min(Math.max(first + k, 0), from - 1);
                weights[i][at] += cubic(Math.abs(place - first - k));
            }
        }
        return weights;
    }

    /** Returns the matrix {@code [to][from]} whose rows average from ⌊i·from/to⌋ to before ⌈(i + 1)·from/to⌉. */
    public static double[][] averages(int from, int to) {
        double[][] weights = new double[to][from];
        for (int i = 0; i < to; i++) {
            int first = first(i, from, to);
            int end = end(i, from, to);
            for (int k = first; k < end; k++) {
                weights[i][k] = 1.0 / (end - first);
            }
        }
        return weights;
    }

    /** Returns the places of an axis that is mirrored at its ends, which are not repeated; both paddings are less than its size. */
    public static int[] mirrored(int size, int before, int after) {
        int[] places = new int[Math.addExact(size, Math.addExact(before, after))];
        for (int i = 0; i < places.length; i++) {
            int place = Math.abs(i - before);
            places[i] = place < size ? place : 2 * (size - 1) - place;
        }
        return places;
    }

    /** Returns the first pixel of one of {@code to} windows over {@code from} pixels that adapt to them. */
    public static int first(int window, int from, int to) {
        return (int) ((long) window * from / to);
    }

    /** Returns the pixel after the last one of such a window. */
    public static int end(int window, int from, int to) {
        return (int) (((window + 1L) * from + to - 1) / to);
    }

    private static double place(int i, int from, int to, boolean alignCorners) {
        if (alignCorners) {
            return to > 1 ? i * ((double) (from - 1) / (to - 1)) : 0;
        }
        return (i + 0.5) * ((double) from / to) - 0.5;
    }

    /** The kernel of cubic convolution at a distance of at most 2 (Keys 1981). */
    private static double cubic(double distance) {
        double d = distance;
        return d <= 1
                ? ((CUBIC + 2) * d - (CUBIC + 3)) * d * d + 1
                : ((CUBIC * d - 5 * CUBIC) * d + 8 * CUBIC) * d - 4 * CUBIC;
    }
}
