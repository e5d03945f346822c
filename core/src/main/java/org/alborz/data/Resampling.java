package org.alborz.data;

import java.util.Arrays;

/**
 * Resizes an image of three channels by bilinear interpolation, row by row.
 *
 * <p>Where the image shrinks, the triangle filter widens with the scale, so that every source pixel counts and fine
 * detail does not alias. Pixel centres are at half coordinates; at the borders the weights are scaled to sum to one.
 */
final class Resampling {
    private static final int CHANNELS = 3;

    private final int height;
    private final int width;
    private final double[] vertical;
    private final double[] horizontal;
    private final double verticalScale;
    private final double horizontalScale;
    private final double[] narrowed;
    private final double[] sum;

    Resampling(int fromHeight, int fromWidth, int height, int width) {
        this.height = height;
        this.width = width;
        this.verticalScale = (double) fromHeight / height;
        this.horizontalScale = (double) fromWidth / width;
        this.vertical = weightSums(fromHeight, height);
        this.horizontal = weightSums(fromWidth, width);
        this.narrowed = new double[width * CHANNELS];
        this.sum = new double[height * width * CHANNELS];
    }

    /** Adds one row of the source, {@code [W, 3]}. */
    void addRow(int y, float[] source) {
        narrow(source);
        int from = firstReached(y, verticalScale);
        for (int to = from; to < height && reaches(to, y, verticalScale); to++) {
            double weight = weight(to, y, verticalScale) / vertical[to];
            int at = to * width * CHANNELS;
            for (int i = 0; i < narrowed.length; i++) {
                sum[at + i] += weight * narrowed[i];
            }
        }
    }

    float[] result() {
        float[] result = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            result[i] = (float) sum[i];
        }
        return result;
    }

    private void narrow(float[] source) {
        Arrays.fill(narrowed, 0);
        for (int x = 0; x < source.length / CHANNELS; x++) {
            int from = firstReached(x, horizontalScale);
            for (int to = from; to < width && reaches(to, x, horizontalScale); to++) {
                double weight = weight(to, x, horizontalScale) / horizontal[to];
                for (int c = 0; c < CHANNELS; c++) {
                    narrowed[to * CHANNELS + c] += weight * source[x * CHANNELS + c];
                }
            }
        }
    }

    private static double[] weightSums(int from, int to) {
        double scale = (double) from / to;
        double[] sums = new double[to];
        for (int i = 0; i < from; i++) {
            for (int j = firstReached(i, scale); j < to && reaches(j, i, scale); j++) {
                sums[j] += weight(j, i, scale);
            }
        }
        return sums;
    }

    /**
     * Returns the first target that a source pixel adds to: the smallest whose centre is less than the radius above
     * it.
     */
    private static int firstReached(int source, double scale) {
        double radius = Math.max(1, scale);
        return Math.max(0, (int) Math.floor((source + 0.5 - radius) / scale - 0.5) + 1);
    }

    private static boolean reaches(int target, int source, double scale) {
        return (target + 0.5) * scale < source + 0.5 + Math.max(1, scale);
    }

    private static double weight(int target, int source, double scale) {
        double distance = Math.abs((target + 0.5) * scale - (source + 0.5));
        return Math.max(0, 1 - distance / Math.max(1, scale));
    }
}
