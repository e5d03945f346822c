package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What softmax needs of float32 rows that follow each other in memory: the largest number, exponentials and their sum. */
final class SoftmaxRows {
    /** Shorter rows are read number by number. */
    private static final int SHORT = 64;

    /** A block of fewer numbers is not worth compiling vectors for: a classifier of ten classes needs no more. */
    private static final int SMALL_BLOCK = 4096;

    private SoftmaxRows() {}

    /** Returns how many rows are done together in a task. */
    static int perTask(int width) {
        return Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / Math.max(1, width));
    }

    /** Returns the largest number but NaN, or −∞. */
    static float largest(float[] x, int at, int n) {
        float largest = Float.NEGATIVE_INFINITY;
        int done = 0;
        if (n < SHORT) {
            float extreme = Extremes.ofShortLine(1, x, at, n);
            if (!Float.isNaN(extreme)) {
                return extreme + 0; // no −0
            }
        } else {
            done = n - n % (4 * L);
            FloatVector a = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int i = 0; i < done; i += 4 * L) {
                FloatVector v = FloatVector.fromArray(S, x, at + i);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
                v = FloatVector.fromArray(S, x, at + i + L);
                b = b.blend(v, v.compare(VectorOperators.GT, b));
                v = FloatVector.fromArray(S, x, at + i + 2 * L);
                c = c.blend(v, v.compare(VectorOperators.GT, c));
                v = FloatVector.fromArray(S, x, at + i + 3 * L);
                d = d.blend(v, v.compare(VectorOperators.GT, d));
            }
            largest = a.max(b).max(c.max(d)).reduceLanes(VectorOperators.MAX);
        }
        for (int i = done; i < n; i++) {
            largest = x[at + i] > largest ? x[at + i] : largest;
        }
        return largest + 0; // no −0
    }

    /**
     * Computes {@code y[row][c] = exp(x[row][c] − largest of the row)}, of which one is NaN where the row has NaN, or ∞ or nothing but −∞.
     *
     * @param maxima gets the largest number of each row
     */
    static void exponentials(float[] x, int xi, int rows, int width, float[] y, int yi, float[] maxima) {
        if (width >= SHORT && rows * width >= SMALL_BLOCK) {
            for (int row = 0; row < rows; row++) {
                int at = xi + row * width;
                maxima[row] = largest(x, at, width);
                Exponential.exp(maxima[row], x, at, y, yi + row * width, width);
            }
            return;
        }
        for (int row = 0; row < rows; row++) {
            int at = xi + row * width;
            float largest = largest(x, at, width);
            maxima[row] = largest;
            for (int c = 0; c < width; c++) {
                y[yi + row * width + c] = x[at + c] - largest;
            }
        }
        int n = rows * width;
        if (n >= SMALL_BLOCK) {
            Exponential.exp(0, y, yi, y, yi, n);
        } else {
            for (int i = 0; i < n; i++) {
                y[yi + i] = Exponential.exp(y[yi + i]);
            }
        }
    }

    /**
     * Adds up a row.
     *
     * @param sums at least {@link LineSums#SUMS} floats, overwritten
     */
    static double sum(float[] x, int at, int n, float[] sums) {
        double total = 0;
        if (n < SHORT) {
            // Two chains, so that one addition does not wait for the other.
            double other = 0;
            int i = 0;
            for (; i < n - 1; i += 2) {
                total += x[at + i];
                other += x[at + i + 1];
            }
            total += i < n ? x[at + i] : 0;
            return total + other;
        }
        return LineSums.of(x, at, n, sums);
    }

    /** Returns the logarithm of a sum, which may differ from 1 by less than float32 can tell. */
    static float log(double sum) {
        float rounded = (float) sum;
        return (float) (Logarithm.log(rounded) + (sum - rounded) / rounded);
    }

    /** Computes {@code x[i] = x[i]·factor + offset}, rounded once. */
    static void scale(float factor, float offset, float[] x, int at, int n) {
        int whole = n < SHORT ? 0 : n - n % L;
        FloatVector factors = FloatVector.broadcast(S, factor);
        FloatVector offsets = FloatVector.broadcast(S, offset);
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, at + i).fma(factors, offsets).intoArray(x, at + i);
        }
        for (int i = whole; i < n; i++) {
            x[at + i] = Math.fma(x[at + i], factor, offset);
        }
    }

    /** Computes {@code y[i] = (x[i] − first) − second}. */
    static void subtract(float first, float second, float[] x, int xi, float[] y, int yi, int n) {
        int whole = n < SHORT ? 0 : n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).sub(first).sub(second).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[xi + i] - first - second;
        }
    }
}
