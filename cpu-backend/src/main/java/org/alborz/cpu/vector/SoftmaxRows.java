package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What softmax needs of float32 rows that follow each other in memory: the largest number, exponentials and their sum. */
final class SoftmaxRows {
    /** Shorter rows are read number by number. */
    private static final int SHORT = 64;

    /** A block of fewer numbers is not worth compiling vectors for: a classifier of ten classes needs no more. */
    private static final int SMALL_BLOCK = 4096;

    /** Sums that run side by side, for any number of lanes, so that these do not change the result. */
    private static final int SUMS = 16;

    /** Numbers that are added up in float32; their sums are added in float64. */
    private static final int PIECE = 64 * SUMS;

    private SoftmaxRows() {}

    /** Returns how many rows are done together in a task. */
    static int perTask(int width) {
        return Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / Math.max(1, width));
    }

    /** Returns the largest number but NaN, or −∞. */
    static float largest(float[] x, int at, int n) {
        float largest = Float.NEGATIVE_INFINITY;
        int done = 0;
        if (n >= SHORT) {
            done = n - n % L;
            FloatVector all = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
            for (int i = 0; i < done; i += L) {
                FloatVector v = FloatVector.fromArray(S, x, at + i);
                all = all.blend(v, v.compare(VectorOperators.GT, all));
            }
            largest = all.reduceLanes(VectorOperators.MAX);
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
     * @param sums at least {@link #SUMS} floats, overwritten
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
        for (int from = 0; from < n; from += PIECE) {
            int length = Math.min(PIECE, n - from);
            int whole = length - length % SUMS;
            sideBySide(x, at + from, whole, sums);
            for (int i = 0; i < SUMS; i++) {
                total += sums[i];
            }
            for (int i = whole; i < length; i++) {
                total += x[at + from + i];
            }
        }
        return total;
    }

    /** Computes {@code sums[i] = x[i] + x[i + SUMS] + …}, from the first to the last. */
    private static void sideBySide(float[] x, int at, int n, float[] sums) {
        if (L > SUMS || L * 4 < SUMS) {
            Arrays.fill(sums, 0, SUMS, 0);
            for (int i = 0; i < n; i++) {
                sums[i % SUMS] += x[at + i];
            }
            return;
        }
        FloatVector first = FloatVector.zero(S);
        FloatVector second = first;
        FloatVector third = first;
        FloatVector fourth = first;
        for (int i = 0; i < n; i += SUMS) {
            first = first.add(FloatVector.fromArray(S, x, at + i));
            if (L < SUMS) {
                second = second.add(FloatVector.fromArray(S, x, at + i + L));
            }
            if (L * 2 < SUMS) {
                third = third.add(FloatVector.fromArray(S, x, at + i + 2 * L));
                fourth = fourth.add(FloatVector.fromArray(S, x, at + i + 3 * L));
            }
        }
        first.intoArray(sums, 0);
        if (L < SUMS) {
            second.intoArray(sums, L);
        }
        if (L * 2 < SUMS) {
            third.intoArray(sums, 2 * L);
            fourth.intoArray(sums, 3 * L);
        }
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
