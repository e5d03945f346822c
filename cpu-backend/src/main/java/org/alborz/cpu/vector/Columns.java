package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums down the columns of a few rows, column by column of vectors, so that a column's numbers stay in registers. Row r of
 * an array {@code x} begins at {@code at + r·columns}.
 *
 * <p>A sum has four accumulators; with many columns see {@link WideColumns}. More rows than {@link #ROWS} would lose digits and
 * leave the first cache. The file is long because each loop is written for vectors and for the columns that remain.
 */
final class Columns {
    /** The most rows that are worth summing in float32 at once. */
    static final int ROWS = 64;

    /** From so many columns on, rows are read one after the other; the sums then stay in the first cache, not in registers. */
    static final int WIDE = 128;

    /** From so many columns on, the sums of a normalisation go along rows as well. */
    static final int MANY = 96;

    private Columns() {}

    /** Computes {@code sum[c] = Σ x[r, c]}. */
    static void sum(float[] x, int at, int rows, int columns, float[] sum) {
        sum(x, at, rows, columns, columns, sum);
    }

    /** Computes the same of the first {@code width} columns. */
    static void sum(float[] x, int at, int rows, int columns, int width, float[] sum) {
        if (columns >= WIDE) {
            WideColumns.sum(x, at, rows, columns, width, sum);
            return;
        }
        int whole = width - width % L;
        for (int c = 0; c < whole; c += L) {
            sumVector(x, at + c, rows, columns, sum, c);
        }
        for (int c = whole; c < width; c++) {
            sum[c] = sumOf(x, at + c, rows, columns);
        }
    }

    /** Sums one column. */
    private static float sumOf(float[] x, int at, int rows, int columns) {
        int fours = rows - rows % 4;
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        for (int r = 0; r < fours; r += 4) {
            int i = at + r * columns;
            s0 += x[i];
            s1 += x[i + columns];
            s2 += x[i + 2 * columns];
            s3 += x[i + 3 * columns];
        }
        for (int r = fours; r < rows; r++) {
            s0 += x[at + r * columns];
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static void sumVector(float[] x, int at, int rows, int columns, float[] sum, int c) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = FloatVector.zero(S);
        FloatVector s3 = FloatVector.zero(S);
        int fours = rows - rows % 4;
        int i = at;
        for (int r = 0; r < fours; r += 4) {
            s0 = s0.add(FloatVector.fromArray(S, x, i));
            s1 = s1.add(FloatVector.fromArray(S, x, i + columns));
            s2 = s2.add(FloatVector.fromArray(S, x, i + 2 * columns));
            s3 = s3.add(FloatVector.fromArray(S, x, i + 3 * columns));
            i += 4 * columns;
        }
        FloatVector total = s0.add(s1).add(s2.add(s3));
        for (int r = fours; r < rows; r++) {
            total = total.add(FloatVector.fromArray(S, x, i));
            i += columns;
        }
        total.intoArray(sum, c);
    }

    /** Computes {@code sum[c] = Σ (x[r, c] − x[0, c])}. */
    static void distances(float[] x, int at, int rows, int columns, float[] sum) {
        if (columns >= MANY) {
            WideColumns.distances(x, at, rows, columns, sum);
            return;
        }
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            distancesOfVector(x, at + c, rows, columns, sum, c);
        }
        for (int c = whole; c < columns; c++) {
            float s = 0;
            for (int r = 0; r < rows; r++) {
                s += x[at + r * columns + c] - x[at + c];
            }
            sum[c] = s;
        }
    }

    private static void distancesOfVector(float[] x, int at, int rows, int columns, float[] sum, int c) {
        FloatVector first = FloatVector.fromArray(S, x, at);
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = FloatVector.zero(S);
        FloatVector s3 = FloatVector.zero(S);
        int fours = rows - rows % 4;
        int i = at;
        for (int r = 0; r < fours; r += 4) {
            s0 = s0.add(FloatVector.fromArray(S, x, i).sub(first));
            s1 = s1.add(FloatVector.fromArray(S, x, i + columns).sub(first));
            s2 = s2.add(FloatVector.fromArray(S, x, i + 2 * columns).sub(first));
            s3 = s3.add(FloatVector.fromArray(S, x, i + 3 * columns).sub(first));
            i += 4 * columns;
        }
        FloatVector total = s0.add(s1).add(s2.add(s3));
        for (int r = fours; r < rows; r++) {
            total = total.add(FloatVector.fromArray(S, x, i).sub(first));
            i += columns;
        }
        total.intoArray(sum, c);
    }

    /** Computes {@code sum[c] = Σ (x[r, c] − mean[c])²}. */
    static void squares(float[] x, int at, int rows, int columns, float[] mean, float[] sum) {
        if (columns >= MANY) {
            WideColumns.squares(x, at, rows, columns, mean, sum);
            return;
        }
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            int pairs = rows - rows % 2;
            int i = at + c;
            for (int r = 0; r < pairs; r += 2) {
                FloatVector d0 = FloatVector.fromArray(S, x, i).sub(m);
                FloatVector d1 = FloatVector.fromArray(S, x, i + columns).sub(m);
                s0 = d0.fma(d0, s0);
                s1 = d1.fma(d1, s1);
                i += 2 * columns;
            }
            if (pairs < rows) {
                FloatVector d = FloatVector.fromArray(S, x, i).sub(m);
                s0 = d.fma(d, s0);
            }
            s0.add(s1).intoArray(sum, c);
        }
        for (int c = whole; c < columns; c++) {
            float s = 0;
            for (int r = 0; r < rows; r++) {
                float d = x[at + r * columns + c] - mean[c];
                s = Math.fma(d, d, s);
            }
            sum[c] = s;
        }
    }

    /** Computes {@code dySum[c] = Σ dy[r, c]}, {@code sum[c] = Σ dy[r, c]·(x[r, c] − mean[c])} and {@code rest[c] = Σ (x[r, c] − mean[c])}. */
    static void products(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            int rows,
            int columns,
            float[] mean,
            float[] dySum,
            float[] sum,
            float[] rest) {
        if (columns >= MANY) {
            WideColumns.products(x, at, dy, dyAt, rows, columns, mean, dySum, sum, rest);
            return;
        }
        sum(dy, dyAt, rows, columns, dySum);
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector s = FloatVector.zero(S);
            FloatVector t = FloatVector.zero(S);
            int i = at + c;
            int j = dyAt + c;
            for (int r = 0; r < rows; r++) {
                FloatVector d = FloatVector.fromArray(S, x, i).sub(m);
                s = d.fma(FloatVector.fromArray(S, dy, j), s);
                t = t.add(d);
                i += columns;
                j += columns;
            }
            s.intoArray(sum, c);
            t.intoArray(rest, c);
        }
        for (int c = whole; c < columns; c++) {
            float s = 0;
            float t = 0;
            for (int r = 0; r < rows; r++) {
                float d = x[at + r * columns + c] - mean[c];
                s = Math.fma(d, dy[dyAt + r * columns + c], s);
                t += d;
            }
            sum[c] = s;
            rest[c] = t;
        }
    }

    /**
     * Computes with g[r, c] = dy[r, c], or 0 where y[r, c] is at most 0, {@code dySum[c] = Σ g[r, c]}, {@code sum[c] = Σ g[r, c]·(x[r, c] −
     * mean[c])} and {@code rest[c] = Σ (x[r, c] − mean[c])}. The sums are added up as {@link #sum} and {@link #products} do.
     */
    static void rectifiedProducts(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            float[] y,
            int yAt,
            int rows,
            int columns,
            float[] mean,
            float[] dySum,
            float[] sum,
            float[] rest) {
        int whole = columns - columns % L;
        int fours = rows - rows % 4;
        FloatVector zero = FloatVector.zero(S);
        for (int c = 0; c < whole; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector s = FloatVector.zero(S);
            FloatVector t = FloatVector.zero(S);
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            int row = c;
            for (int r = 0; r < fours; r += 4) {
                FloatVector d = FloatVector.fromArray(S, x, at + row).sub(m);
                FloatVector v = FloatVector.fromArray(S, dy, dyAt + row)
                        .blend(zero, FloatVector.fromArray(S, y, yAt + row).compare(VectorOperators.LE, zero));
                s = d.fma(v, s);
                t = t.add(d);
                s0 = s0.add(v);
                row += columns;
                d = FloatVector.fromArray(S, x, at + row).sub(m);
                v = FloatVector.fromArray(S, dy, dyAt + row)
                        .blend(zero, FloatVector.fromArray(S, y, yAt + row).compare(VectorOperators.LE, zero));
                s = d.fma(v, s);
                t = t.add(d);
                s1 = s1.add(v);
                row += columns;
                d = FloatVector.fromArray(S, x, at + row).sub(m);
                v = FloatVector.fromArray(S, dy, dyAt + row)
                        .blend(zero, FloatVector.fromArray(S, y, yAt + row).compare(VectorOperators.LE, zero));
                s = d.fma(v, s);
                t = t.add(d);
                s2 = s2.add(v);
                row += columns;
                d = FloatVector.fromArray(S, x, at + row).sub(m);
                v = FloatVector.fromArray(S, dy, dyAt + row)
                        .blend(zero, FloatVector.fromArray(S, y, yAt + row).compare(VectorOperators.LE, zero));
                s = d.fma(v, s);
                t = t.add(d);
                s3 = s3.add(v);
                row += columns;
            }
            FloatVector total = s0.add(s1).add(s2.add(s3));
            for (int r = fours; r < rows; r++) {
                FloatVector d = FloatVector.fromArray(S, x, at + row).sub(m);
                FloatVector v = FloatVector.fromArray(S, dy, dyAt + row)
                        .blend(zero, FloatVector.fromArray(S, y, yAt + row).compare(VectorOperators.LE, zero));
                s = d.fma(v, s);
                t = t.add(d);
                total = total.add(v);
                row += columns;
            }
            total.intoArray(dySum, c);
            s.intoArray(sum, c);
            t.intoArray(rest, c);
        }
        for (int c = whole; c < columns; c++) {
            float s = 0;
            float t = 0;
            float s0 = 0;
            float s1 = 0;
            float s2 = 0;
            float s3 = 0;
            for (int r = 0; r < rows; r++) {
                int i = r * columns + c;
                float d = x[at + i] - mean[c];
                float v = y[yAt + i] <= 0 ? 0 : dy[dyAt + i];
                s = Math.fma(d, v, s);
                t += d;
                int lane = r < fours ? r % 4 : 0;
                s0 += lane == 0 ? v : 0;
                s1 += lane == 1 ? v : 0;
                s2 += lane == 2 ? v : 0;
                s3 += lane == 3 ? v : 0;
            }
            sum[c] = s;
            rest[c] = t;
            dySum[c] = (s0 + s1) + (s2 + s3);
        }
    }
}
