package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * Copies of many rows that are short, such as those of ten classes, for which a call of {@link System#arraycopy} or a loop with its prologue
 * takes longer than the copy. A row is whole vectors and a last one that ends with the row and may overlap the one before it.
 */
final class RowCopies {
    /** Rows of this length and more are left to {@link System#arraycopy}. */
    private static final int LONG = 128;

    private RowCopies() {}

    /** Copies {@code rows} rows of {@code width} neighbours, the rows {@code dx} and {@code dy} apart; no target overlaps a source. */
    static void copy(float[] x, int xi, int dx, float[] y, int yi, int dy, int rows, int width) {
        if (width >= LONG) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(x, xi + row * dx, y, yi + row * dy, width);
            }
        } else if (width > 2 * L) {
            for (int row = 0; row < rows; row++) {
                copyRow(x, xi + row * dx, y, yi + row * dy, width);
            }
        } else if (width >= L) {
            for (int row = 0; row < rows; row++) {
                copyPair(x, xi + row * dx, y, yi + row * dy, width);
            }
        } else {
            for (int row = 0; row < rows; row++) {
                copyNumbers(x, xi + row * dx, y, yi + row * dy, width);
            }
        }
    }

    /** Copies the rows that indices name, {@code width} apart in both, row after row. */
    static void gather(float[] x, int xi, int[] index, int first, float[] y, int yi, int rows, int width) {
        if (width >= LONG) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(x, xi + index[first + row] * width, y, yi + row * width, width);
            }
        } else if (width > 2 * L) {
            for (int row = 0; row < rows; row++) {
                copyRow(x, xi + index[first + row] * width, y, yi + row * width, width);
            }
        } else if (width >= L) {
            for (int row = 0; row < rows; row++) {
                copyPair(x, xi + index[first + row] * width, y, yi + row * width, width);
            }
        } else {
            for (int row = 0; row < rows; row++) {
                copyNumbers(x, xi + index[first + row] * width, y, yi + row * width, width);
            }
        }
    }

    /**
     * Writes the number of each row, {@code dx} apart, {@code width} times. Vectors write up to L - 1 places beyond the end, which are to be
     * there and of no account.
     */
    static void repeat(float[] x, int xi, int dx, float[] y, int yi, int rows, int width) {
        for (int row = 0; row < rows; row++) {
            FloatVector number = FloatVector.broadcast(S, x[xi + row * dx]);
            int at = yi + row * width;
            for (int i = 0; i < width; i += L) {
                number.intoArray(y, at + i);
            }
        }
    }

    private static void copyRow(float[] x, int xi, float[] y, int yi, int width) {
        for (int i = 0; i < width - L; i += L) {
            FloatVector.fromArray(S, x, xi + i).intoArray(y, yi + i);
        }
        FloatVector.fromArray(S, x, xi + width - L).intoArray(y, yi + width - L);
    }

    /** Copies L to 2·L numbers. */
    private static void copyPair(float[] x, int xi, float[] y, int yi, int width) {
        FloatVector first = FloatVector.fromArray(S, x, xi);
        FloatVector.fromArray(S, x, xi + width - L).intoArray(y, yi + width - L);
        first.intoArray(y, yi);
    }

    private static void copyNumbers(float[] x, int xi, float[] y, int yi, int width) {
        int i = 0;
        for (; i < width - 3; i += 4) {
            y[yi + i] = x[xi + i];
            y[yi + i + 1] = x[xi + i + 1];
            y[yi + i + 2] = x[xi + i + 2];
            y[yi + i + 3] = x[xi + i + 3];
        }
        for (; i < width; i++) {
            y[yi + i] = x[xi + i];
        }
    }
}
