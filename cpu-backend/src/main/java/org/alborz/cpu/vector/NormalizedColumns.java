package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The maps of {@link NormalizedRows} for few channels that fill whole vectors: down the columns of {@link Columns}, so that a channel's numbers stay
 * in registers.
 */
final class NormalizedColumns {
    private NormalizedColumns() {}

    /** Computes {@code y[r, c] = min(max((x[r, c] − mean[c])·scale[c] + shift[c], floor), ceiling)}. */
    static void scale(
            float[] x,
            int at,
            int rows,
            int columns,
            float[] mean,
            float[] scale,
            float[] shift,
            float floor,
            float ceiling,
            float[] y,
            int yAt) {
        FloatVector least = FloatVector.broadcast(S, floor);
        FloatVector most = FloatVector.broadcast(S, ceiling);
        for (int c = 0; c < columns; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector a = FloatVector.fromArray(S, scale, c);
            FloatVector b = FloatVector.fromArray(S, shift, c);
            int i = at + c;
            int j = yAt + c;
            for (int r = 0; r < rows; r++) {
                FloatVector.fromArray(S, x, i)
                        .sub(m)
                        .fma(a, b)
                        .max(least)
                        .min(most)
                        .intoArray(y, j);
                i += columns;
                j += columns;
            }
        }
    }

    /** Computes {@code y[r, c] = min(max((x[r, c] − mean[c])·scale[c] + shift[c] + addend[r, c], floor), ceiling)}. */
    static void scaleAndAdd(
            float[] x,
            int at,
            int rows,
            int columns,
            float[] mean,
            float[] scale,
            float[] shift,
            float[] addend,
            int addendAt,
            float floor,
            float ceiling,
            float[] y,
            int yAt) {
        FloatVector least = FloatVector.broadcast(S, floor);
        FloatVector most = FloatVector.broadcast(S, ceiling);
        for (int c = 0; c < columns; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector a = FloatVector.fromArray(S, scale, c);
            FloatVector b = FloatVector.fromArray(S, shift, c);
            int row = c;
            for (int r = 0; r < rows; r++) {
                FloatVector more = FloatVector.fromArray(S, addend, addendAt + row);
                FloatVector value = FloatVector.fromArray(S, x, at + row).sub(m).fma(a, b);
                value.add(more).max(least).min(most).intoArray(y, yAt + row);
                row += columns;
            }
        }
    }

    /** Computes {@code dx[r, c] = dy[r, c]·scale[c] − ((x[r, c] − mean[c])·slope[c] + shift[c])}. */
    static void gradient(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            int rows,
            int columns,
            float[] mean,
            float[] scale,
            float[] slope,
            float[] shift,
            float[] dx,
            int dxAt) {
        for (int c = 0; c < columns; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector a = FloatVector.fromArray(S, scale, c);
            FloatVector b = FloatVector.fromArray(S, slope, c);
            FloatVector d = FloatVector.fromArray(S, shift, c);
            int row = c;
            for (int r = 0; r < rows; r++) {
                FloatVector line = FloatVector.fromArray(S, x, at + row).sub(m).fma(b, d);
                FloatVector.fromArray(S, dy, dyAt + row).mul(a).sub(line).intoArray(dx, dxAt + row);
                row += columns;
            }
        }
    }

    /** Computes {@link #gradient} with dy 0 where y is at most 0. */
    static void rectifiedGradient(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            float[] y,
            int yAt,
            int rows,
            int columns,
            float[] mean,
            float[] scale,
            float[] slope,
            float[] shift,
            float[] dx,
            int dxAt) {
        FloatVector zero = FloatVector.zero(S);
        for (int c = 0; c < columns; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector a = FloatVector.fromArray(S, scale, c);
            FloatVector b = FloatVector.fromArray(S, slope, c);
            FloatVector d = FloatVector.fromArray(S, shift, c);
            int row = c;
            for (int r = 0; r < rows; r++) {
                FloatVector line = FloatVector.fromArray(S, x, at + row).sub(m).fma(b, d);
                FloatVector v = FloatVector.fromArray(S, dy, dyAt + row)
                        .blend(zero, FloatVector.fromArray(S, y, yAt + row).compare(VectorOperators.LE, zero));
                v.mul(a).sub(line).intoArray(dx, dxAt + row);
                row += columns;
            }
        }
    }
}
