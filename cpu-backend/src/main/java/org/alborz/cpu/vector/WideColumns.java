package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The sums of {@link Columns} where there are many columns: along the rows, so that memory is read in order. The sums stay in the first
 * cache, not in registers.
 */
final class WideColumns {
    private WideColumns() {}

    /** Computes {@code sum[c] = Σ x[r, c]} of the first {@code width} columns. */
    static void sum(float[] x, int at, int rows, int columns, int width, float[] sum) {
        Arrays.fill(sum, 0, width, 0);
        int fours = rows - rows % 4;
        for (int r = 0; r < fours; r += 4) {
            addFour(x, at + r * columns, columns, width, sum);
        }
        for (int r = fours; r < rows; r++) {
            int row = at + r * columns;
            for (int c = 0; c < width; c++) {
                sum[c] += x[row + c];
            }
        }
    }

    private static void addFour(float[] x, int at, int columns, int width, float[] sum) {
        int whole = width - width % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector first = FloatVector.fromArray(S, x, at + c).add(FloatVector.fromArray(S, x, at + columns + c));
            FloatVector second = FloatVector.fromArray(S, x, at + 2 * columns + c)
                    .add(FloatVector.fromArray(S, x, at + 3 * columns + c));
            FloatVector.fromArray(S, sum, c).add(first.add(second)).intoArray(sum, c);
        }
        for (int c = whole; c < width; c++) {
            int i = at + c;
            sum[c] += (x[i] + x[i + columns]) + (x[i + 2 * columns] + x[i + 3 * columns]);
        }
    }

    /** Computes {@code sum[c] = Σ (x[r, c] − x[0, c])}. */
    static void distances(float[] x, int at, int rows, int columns, float[] sum) {
        Arrays.fill(sum, 0, columns, 0);
        int fours = rows - rows % 4;
        for (int r = 0; r < fours; r += 4) {
            addFourDistances(x, at, at + r * columns, columns, sum);
        }
        for (int r = fours; r < rows; r++) {
            int row = at + r * columns;
            for (int c = 0; c < columns; c++) {
                sum[c] += x[row + c] - x[at + c];
            }
        }
    }

    private static void addFourDistances(float[] x, int from, int at, int columns, float[] sum) {
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector start = FloatVector.fromArray(S, x, from + c);
            FloatVector d0 = FloatVector.fromArray(S, x, at + c).sub(start);
            FloatVector d1 = FloatVector.fromArray(S, x, at + columns + c).sub(start);
            FloatVector d2 = FloatVector.fromArray(S, x, at + 2 * columns + c).sub(start);
            FloatVector d3 = FloatVector.fromArray(S, x, at + 3 * columns + c).sub(start);
            FloatVector.fromArray(S, sum, c).add(d0.add(d1).add(d2.add(d3))).intoArray(sum, c);
        }
        for (int c = whole; c < columns; c++) {
            int i = at + c;
            float start = x[from + c];
            sum[c] += ((x[i] - start) + (x[i + columns] - start))
                    + ((x[i + 2 * columns] - start) + (x[i + 3 * columns] - start));
        }
    }

    /** Computes {@code sum[c] = Σ (x[r, c] − mean[c])²}. */
    static void squares(float[] x, int at, int rows, int columns, float[] mean, float[] sum) {
        Arrays.fill(sum, 0, columns, 0);
        int fours = rows - rows % 4;
        for (int r = 0; r < fours; r += 4) {
            addFourSquares(x, at + r * columns, columns, mean, sum);
        }
        for (int r = fours; r < rows; r++) {
            int row = at + r * columns;
            for (int c = 0; c < columns; c++) {
                float d = x[row + c] - mean[c];
                sum[c] = Math.fma(d, d, sum[c]);
            }
        }
    }

    private static void addFourSquares(float[] x, int at, int columns, float[] mean, float[] sum) {
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector d0 = FloatVector.fromArray(S, x, at + c).sub(m);
            FloatVector d1 = FloatVector.fromArray(S, x, at + columns + c).sub(m);
            FloatVector d2 = FloatVector.fromArray(S, x, at + 2 * columns + c).sub(m);
            FloatVector d3 = FloatVector.fromArray(S, x, at + 3 * columns + c).sub(m);
            FloatVector s = d0.fma(d0, d1.mul(d1));
            s = d2.fma(d2, d3.fma(d3, s));
            FloatVector.fromArray(S, sum, c).add(s).intoArray(sum, c);
        }
        for (int c = whole; c < columns; c++) {
            int i = at + c;
            float d0 = x[i] - mean[c];
            float d1 = x[i + columns] - mean[c];
            float d2 = x[i + 2 * columns] - mean[c];
            float d3 = x[i + 3 * columns] - mean[c];
            sum[c] += Math.fma(d2, d2, Math.fma(d3, d3, Math.fma(d0, d0, d1 * d1)));
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
        Arrays.fill(dySum, 0, columns, 0);
        Arrays.fill(sum, 0, columns, 0);
        Arrays.fill(rest, 0, columns, 0);
        int pairs = rows - rows % 2;
        for (int r = 0; r < pairs; r += 2) {
            addProducts(x, at + r * columns, dy, dyAt + r * columns, columns, mean, dySum, sum, rest);
        }
        int last = pairs * columns;
        for (int c = 0; pairs < rows && c < columns; c++) {
            float d = x[at + last + c] - mean[c];
            float v = dy[dyAt + last + c];
            dySum[c] += v;
            sum[c] = Math.fma(d, v, sum[c]);
            rest[c] += d;
        }
    }

    /** Adds two rows, the first before the second. */
    private static void addProducts(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            int columns,
            float[] mean,
            float[] dySum,
            float[] sum,
            float[] rest) {
        int whole = columns - columns % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector d0 = FloatVector.fromArray(S, x, at + c).sub(m);
            FloatVector d1 = FloatVector.fromArray(S, x, at + columns + c).sub(m);
            FloatVector v0 = FloatVector.fromArray(S, dy, dyAt + c);
            FloatVector v1 = FloatVector.fromArray(S, dy, dyAt + columns + c);
            FloatVector.fromArray(S, dySum, c).add(v0).add(v1).intoArray(dySum, c);
            d1.fma(v1, d0.fma(v0, FloatVector.fromArray(S, sum, c))).intoArray(sum, c);
            FloatVector.fromArray(S, rest, c).add(d0).add(d1).intoArray(rest, c);
        }
        for (int c = whole; c < columns; c++) {
            float d0 = x[at + c] - mean[c];
            float d1 = x[at + columns + c] - mean[c];
            float v0 = dy[dyAt + c];
            float v1 = dy[dyAt + columns + c];
            dySum[c] = dySum[c] + v0 + v1;
            sum[c] = Math.fma(d1, v1, Math.fma(d0, v0, sum[c]));
            rest[c] = rest[c] + d0 + d1;
        }
    }

    /** Computes {@link #products} with dy 0 where y is at most 0 or at least {@code ceiling}, which may be NaN. */
    static void rectifiedProducts(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            float[] y,
            int yAt,
            float ceiling,
            int rows,
            int columns,
            float[] mean,
            float[] dySum,
            float[] sum,
            float[] rest) {
        Arrays.fill(dySum, 0, columns, 0);
        Arrays.fill(sum, 0, columns, 0);
        Arrays.fill(rest, 0, columns, 0);
        int pairs = rows - rows % 2;
        for (int r = 0; r < pairs; r += 2) {
            int row = r * columns;
            addRectified(x, at + row, dy, dyAt + row, y, yAt + row, ceiling, columns, mean, dySum, sum, rest);
        }
        int last = pairs * columns;
        for (int c = 0; pairs < rows && c < columns; c++) {
            float d = x[at + last + c] - mean[c];
            float v = passed(y[yAt + last + c], ceiling, dy[dyAt + last + c]);
            dySum[c] += v;
            sum[c] = Math.fma(d, v, sum[c]);
            rest[c] += d;
        }
    }

    private static float passed(float y, float ceiling, float dy) {
        return y <= 0 || y >= ceiling ? 0 : dy;
    }

    /** Adds two rows, the first before the second. */
    private static void addRectified(
            float[] x,
            int at,
            float[] dy,
            int dyAt,
            float[] y,
            int yAt,
            float ceiling,
            int columns,
            float[] mean,
            float[] dySum,
            float[] sum,
            float[] rest) {
        int whole = columns - columns % L;
        FloatVector zero = FloatVector.zero(S);
        FloatVector most = FloatVector.broadcast(S, ceiling);
        for (int c = 0; c < whole; c += L) {
            FloatVector m = FloatVector.fromArray(S, mean, c);
            FloatVector d0 = FloatVector.fromArray(S, x, at + c).sub(m);
            FloatVector d1 = FloatVector.fromArray(S, x, at + columns + c).sub(m);
            FloatVector y0 = FloatVector.fromArray(S, y, yAt + c);
            FloatVector v0 = FloatVector.fromArray(S, dy, dyAt + c)
                    .blend(zero, y0.compare(VectorOperators.LE, zero))
                    .blend(zero, y0.compare(VectorOperators.GE, most));
            FloatVector y1 = FloatVector.fromArray(S, y, yAt + columns + c);
            FloatVector v1 = FloatVector.fromArray(S, dy, dyAt + columns + c)
                    .blend(zero, y1.compare(VectorOperators.LE, zero))
                    .blend(zero, y1.compare(VectorOperators.GE, most));
            FloatVector.fromArray(S, dySum, c).add(v0).add(v1).intoArray(dySum, c);
            d1.fma(v1, d0.fma(v0, FloatVector.fromArray(S, sum, c))).intoArray(sum, c);
            FloatVector.fromArray(S, rest, c).add(d0).add(d1).intoArray(rest, c);
        }
        for (int c = whole; c < columns; c++) {
            float d0 = x[at + c] - mean[c];
            float d1 = x[at + columns + c] - mean[c];
            float v0 = passed(y[yAt + c], ceiling, dy[dyAt + c]);
            float v1 = passed(y[yAt + columns + c], ceiling, dy[dyAt + columns + c]);
            dySum[c] = dySum[c] + v0 + v1;
            sum[c] = Math.fma(d1, v1, Math.fma(d0, v0, sum[c]));
            rest[c] = rest[c] + d0 + d1;
        }
    }
}
