package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The maps of batch normalisation, over adjacent rows of channels. The numbers of the channels, such as their means, are repeated so that a
 * kernel takes several rows as one: it has whole vectors for any number of channels, and reads and writes memory in order. Few channels that
 * fill whole vectors anyway are left to {@link NormalizedColumns}.
 */
final class NormalizedRows {
    /** About as many numbers are repeated, so that a kernel's call is worth it, and a few such arrays stay in the first cache. */
    private static final int SPAN = 512;

    /** Floats in the widest vector of any machine, so that sums do not depend on this one's. */
    private static final int WIDEST = 16;

    private NormalizedRows() {}

    /** Returns how many rows make one that every vector divides, or 1 where that would be long. */
    static int fold(int channels) {
        int fold = WIDEST / Math.min(WIDEST, Integer.lowestOneBit(channels));
        return fold * channels <= SPAN ? fold : 1;
    }

    /** Returns how many rows a kernel takes together, a multiple of {@link #fold}. */
    static int together(int channels) {
        if (isByColumns(channels)) {
            return Columns.ROWS;
        }
        int fold = fold(channels);
        return Gemm.ceilDiv(SPAN, fold * channels) * fold;
    }

    private static boolean isByColumns(int channels) {
        return channels % WIDEST == 0 && channels < Columns.MANY;
    }

    /** Tells whether {@link #rectifiedGradient} looks at its ceiling; a second comparison has cost the columns up to a fifth. */
    static boolean takesCeiling(int channels) {
        return !isByColumns(channels);
    }

    /** Returns how many numbers an array holds that is repeated. */
    static int repeated(int channels) {
        return isByColumns(channels) ? channels : together(channels) * channels;
    }

    /** Repeats the first numbers of an array, one for each channel, for rows that are taken together. */
    static void repeat(float[] numbers, int channels) {
        int n = repeated(channels);
        for (int i = channels; i < n; i += channels) {
            System.arraycopy(numbers, 0, numbers, i, channels);
        }
    }

    /** Computes {@code y[r, c] = min(max((x[r, c] − mean[c])·scale[c] + shift[c], floor), ceiling)}. */
    static void scale(
            float[] x,
            int at,
            int rows,
            int channels,
            float[] mean,
            float[] scale,
            float[] shift,
            float floor,
            float ceiling,
            float[] y,
            int yAt) {
        if (isByColumns(channels)) {
            NormalizedColumns.scale(x, at, rows, channels, mean, scale, shift, floor, ceiling, y, yAt);
            return;
        }
        int n = rows * channels;
        FloatVector least = FloatVector.broadcast(S, floor);
        FloatVector most = FloatVector.broadcast(S, ceiling);
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, at + i)
                    .sub(FloatVector.fromArray(S, mean, i))
                    .fma(FloatVector.fromArray(S, scale, i), FloatVector.fromArray(S, shift, i))
                    .max(least)
                    .min(most)
                    .intoArray(y, yAt + i);
        }
        for (int i = whole; i < n; i++) {
            float value = Math.fma(x[at + i] - mean[i], scale[i], shift[i]);
            y[yAt + i] = Math.min(Math.max(value, floor), ceiling);
        }
    }

    /** Computes {@code y[r, c] = min(max((x[r, c] − mean[c])·scale[c] + shift[c] + addend[r, c], floor), ceiling)}. */
    static void scaleAndAdd(
            float[] x,
            int at,
            int rows,
            int channels,
            float[] mean,
            float[] scale,
            float[] shift,
            float[] addend,
            int addendAt,
            float floor,
            float ceiling,
            float[] y,
            int yAt) {
        if (isByColumns(channels)) {
            NormalizedColumns.scaleAndAdd(
                    x, at, rows, channels, mean, scale, shift, addend, addendAt, floor, ceiling, y, yAt);
            return;
        }
        int n = rows * channels;
        FloatVector least = FloatVector.broadcast(S, floor);
        FloatVector most = FloatVector.broadcast(S, ceiling);
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, at + i)
                    .sub(FloatVector.fromArray(S, mean, i))
                    .fma(FloatVector.fromArray(S, scale, i), FloatVector.fromArray(S, shift, i))
                    .add(FloatVector.fromArray(S, addend, addendAt + i))
                    .max(least)
                    .min(most)
                    .intoArray(y, yAt + i);
        }
        for (int i = whole; i < n; i++) {
            float value = Math.fma(x[at + i] - mean[i], scale[i], shift[i]);
            y[yAt + i] = Math.min(Math.max(value + addend[addendAt + i], floor), ceiling);
        }
    }

    /** Computes {@code dx[r, c] = dy[r, c]·scale[c] − ((x[r, c] − mean[c])·slope[c] + shift[c])}. */
    static void gradient(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            int rows,
            int channels,
            float[] mean,
            float[] scale,
            float[] slope,
            float[] shift,
            float[] dx,
            int dxAt) {
        if (isByColumns(channels)) {
            NormalizedColumns.gradient(x, at, dy, dyAt, rows, channels, mean, scale, slope, shift, dx, dxAt);
            return;
        }
        int n = rows * channels;
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector line = FloatVector.fromArray(S, x, at + i)
                    .sub(FloatVector.fromArray(S, mean, i))
                    .fma(FloatVector.fromArray(S, slope, i), FloatVector.fromArray(S, shift, i));
            FloatVector.fromArray(S, dy, dyAt + i)
                    .mul(FloatVector.fromArray(S, scale, i))
                    .sub(line)
                    .intoArray(dx, dxAt + i);
        }
        for (int i = whole; i < n; i++) {
            dx[dxAt + i] = dy[dyAt + i] * scale[i] - Math.fma(x[at + i] - mean[i], slope[i], shift[i]);
        }
    }

    /** Computes {@link #gradient} with dy 0 where y is at most 0 or at least {@code ceiling}, which may be NaN. */
    static void rectifiedGradient(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            float[] y,
            int yAt,
            float ceiling,
            int rows,
            int channels,
            float[] mean,
            float[] scale,
            float[] slope,
            float[] shift,
            float[] dx,
            int dxAt) {
        if (!takesCeiling(channels)) {
            NormalizedColumns.rectifiedGradient(
                    x, at, dy, dyAt, y, yAt, rows, channels, mean, scale, slope, shift, dx, dxAt);
            return;
        }
        int n = rows * channels;
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        FloatVector most = FloatVector.broadcast(S, ceiling);
        for (int i = 0; i < whole; i += L) {
            FloatVector line = FloatVector.fromArray(S, x, at + i)
                    .sub(FloatVector.fromArray(S, mean, i))
                    .fma(FloatVector.fromArray(S, slope, i), FloatVector.fromArray(S, shift, i));
            FloatVector result = FloatVector.fromArray(S, y, yAt + i);
            FloatVector.fromArray(S, dy, dyAt + i)
                    .blend(zero, result.compare(VectorOperators.LE, zero))
                    .blend(zero, result.compare(VectorOperators.GE, most))
                    .mul(FloatVector.fromArray(S, scale, i))
                    .sub(line)
                    .intoArray(dx, dxAt + i);
        }
        for (int i = whole; i < n; i++) {
            float v = y[yAt + i] <= 0 || y[yAt + i] >= ceiling ? 0 : dy[dyAt + i];
            dx[dxAt + i] = v * scale[i] - Math.fma(x[at + i] - mean[i], slope[i], shift[i]);
        }
    }
}
