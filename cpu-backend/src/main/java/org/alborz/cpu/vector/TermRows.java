package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Sums of float32 rows that an index assigns to targets, with the bits of a sum in float64 in the order of the index, rounded once. The rows are
 * sorted by target first, so that each target is written once.
 *
 * <p>A sum of two is computed in float32: where a format has more than twice as many bits of the fraction, rounding to it first changes nothing
 * (S. Figueroa, "When is double rounding innocuous?", 1995). Zero is added to the first term, as by a sum that begins at 0: it makes 0 of −0.
 */
final class TermRows {
    /** Lines of single numbers up to this length are worth sorting: in longer ones the number of terms is guessed wrong each time. */
    static final int SHORT = 32;

    /** As many lines are added side by side, and stay in the first cache. */
    private static final int TOGETHER = 128;

    /** The rows of target t are {@code order[starts[t]]} to {@code order[starts[t + 1] − 1]}. */
    private int[] starts = {};

    private int[] order = {};

    /** Sorts {@code terms} rows by their targets {@code index[at]}, …, and keeps the order of those that share one. */
    void sort(int[] index, int at, int terms, int targets) {
        if (starts.length < targets + 2) {
            starts = new int[targets + 2];
        }
        if (order.length < terms) {
            order = new int[terms];
        }
        // One place too far while the rows are counted: filling in the order moves each start to the next one.
        Arrays.fill(starts, 0, targets + 2, 0);
        for (int k = 0; k < terms; k++) {
            starts[index[at + k] + 2]++;
        }
        for (int t = 2; t < targets + 2; t++) {
            starts[t] += starts[t - 1];
        }
        for (int k = 0; k < terms; k++) {
            order[starts[index[at + k] + 1]++] = k;
        }
    }

    /**
     * Computes the sums of {@code width} columns. Row k of {@code x} begins at {@code xi + k·step}, target t of {@code y} at {@code yi + t·step}.
     *
     * @param totals at least {@code width} doubles, overwritten
     */
    void add(float[] x, int xi, float[] y, int yi, int step, int width, int targets, double[] totals) {
        for (int t = 0; t < targets; t++) {
            int first = starts[t];
            int terms = starts[t + 1] - first;
            int to = yi + t * step;
            if (terms == 0) {
                Arrays.fill(y, to, to + width, 0);
                continue;
            }
            int one = xi + order[first] * step;
            int two = terms > 1 ? xi + order[first + 1] * step : one;
            int three = terms > 2 ? xi + order[first + 2] * step : one;
            if (terms == 1) {
                copy(x, one, y, to, width);
            } else if (terms == 2) {
                addTwo(x, one, two, y, to, width);
            } else if (terms == 3) {
                addThree(x, one, two, three, y, to, width);
            } else {
                startTotals(x, one, two, three, totals, width);
                for (int k = first + 3; k < first + terms; k++) {
                    addToTotals(x, xi + order[k] * step, totals, width);
                }
                for (int c = 0; c < width; c++) {
                    y[to + c] = (float) totals[c];
                }
            }
        }
    }

    /** Computes the sums of the numbers of short lines, {@code dx} long in {@code x} and {@code targets} long in {@code y}. */
    void addNumbers(float[] x, int xi, int dx, float[] y, int yi, int targets, int lines) {
        for (int line = 0; line < lines; line += TOGETHER) {
            int n = Math.min(TOGETHER, lines - line);
            for (int t = 0; t < targets; t++) {
                addOfLines(
                        x, xi + line * dx, dx, order, starts[t], starts[t + 1], y, yi + line * targets + t, targets, n);
            }
        }
    }

    /** Adds the terms of one target in each of n lines. */
    private static void addOfLines(
            float[] x, int xi, int dx, int[] order, int first, int end, float[] y, int yi, int dy, int n) {
        int terms = end - first;
        int one = terms > 0 ? xi + order[first] : 0;
        int two = terms > 1 ? xi + order[first + 1] : 0;
        if (terms == 0) {
            for (int line = 0; line < n; line++) {
                y[yi + line * dy] = 0;
            }
        } else if (terms == 1) {
            for (int line = 0; line < n; line++) {
                y[yi + line * dy] = x[one + line * dx] + 0f;
            }
        } else if (terms == 2) {
            for (int line = 0; line < n; line++) {
                y[yi + line * dy] = x[one + line * dx] + 0f + x[two + line * dx];
            }
        } else {
            for (int line = 0; line < n; line++) {
                double total = 0.0 + x[one + line * dx] + x[two + line * dx];
                for (int k = first + 2; k < end; k++) {
                    total += x[xi + order[k] + line * dx];
                }
                y[yi + line * dy] = (float) total;
            }
        }
    }

    private static void copy(float[] x, int xi, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, xi + i).add(0f).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[xi + i] + 0f;
        }
    }

    private static void addTwo(float[] x, int one, int two, float[] y, int yi, int n) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, x, one + i)
                    .add(0f)
                    .add(FloatVector.fromArray(S, x, two + i))
                    .intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = x[one + i] + 0f + x[two + i];
        }
    }

    private static void addThree(float[] x, int one, int two, int three, float[] y, int yi, int n) {
        for (int i = 0; i < n; i++) {
            y[yi + i] = (float) (0.0 + x[one + i] + x[two + i] + x[three + i]);
        }
    }

    private static void startTotals(float[] x, int one, int two, int three, double[] totals, int n) {
        for (int i = 0; i < n; i++) {
            totals[i] = 0.0 + x[one + i] + x[two + i] + x[three + i];
        }
    }

    private static void addToTotals(float[] x, int xi, double[] totals, int n) {
        for (int i = 0; i < n; i++) {
            totals[i] += x[xi + i];
        }
    }
}
