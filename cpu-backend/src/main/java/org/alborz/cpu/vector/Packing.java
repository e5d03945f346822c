package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;
import static org.alborz.cpu.vector.GemmKernel.ROWS;
import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Copies parts of matrices into panels for {@link GemmKernel}: for each term of the sum, the numbers of ROWS rows (COLUMNS columns)
 * are adjacent; what reaches beyond the edge is 0. The panel that starts at row i begins at {@code i·terms}.
 */
final class Packing {
    /** Elements on a side of the square that is transposed at a time, so that both sides stay in the first cache. */
    private static final int SQUARE = 32;

    /** Lines that are transposed at once. */
    private static final int LINES = 4;

    private Packing() {}

    /** Packs rows {@code from} to {@code from + 8·ROWS} of the slice of {@code a} that starts at row i and term p. */
    static void rows(Matrix a, int i, int p, int rows, int terms, int from, float[] packed) {
        int end = Math.min(rows, from + 8 * ROWS);
        int at = a.at() + i * a.rowStride() + p * a.columnStride();
        for (int r = from; r < end; r += ROWS) {
            panel(
                    a.array(),
                    at + r * a.rowStride(),
                    a.rowStride(),
                    a.columnStride(),
                    Math.min(ROWS, rows - r),
                    ROWS,
                    terms,
                    packed,
                    r * terms);
        }
    }

    /** Packs columns {@code from} to {@code from + 8·COLUMNS} of the slice of {@code b} that starts at term p and column j. */
    static void columns(Matrix b, int p, int j, int terms, int columns, int from, float[] packed) {
        int end = Math.min(columns, from + 8 * COLUMNS);
        int at = b.at() + p * b.rowStride() + j * b.columnStride();
        for (int c = from; c < end; c += COLUMNS) {
            panel(
                    b.array(),
                    at + c * b.columnStride(),
                    b.columnStride(),
                    b.rowStride(),
                    Math.min(COLUMNS, columns - c),
                    COLUMNS,
                    terms,
                    packed,
                    c * terms);
        }
    }

    /** Packs one panel: {@code count} of at most {@code width} lines, which are {@code lineStride} apart. */
    private static void panel(
            float[] from,
            int at,
            int lineStride,
            int termStride,
            int count,
            int width,
            int terms,
            float[] to,
            int toAt) {
        if (lineStride == 1) {
            copyTerms(from, at, termStride, count, width, terms, to, toAt);
        } else {
            for (int first = 0; first < terms; first += SQUARE) {
                int some = Math.min(SQUARE, terms - first);
                int source = at + first * termStride;
                int target = toAt + first * width;
                int line = 0;
                for (; line + LINES <= count; line += LINES) {
                    transposeLines(
                            from, source + line * lineStride, lineStride, termStride, some, to, target + line, width);
                }
                for (; line < count; line++) {
                    transposeLine(from, source + line * lineStride, termStride, some, to, target + line, width);
                }
            }
        }
        for (int t = 0; count < width && t < terms; t++) {
            Arrays.fill(to, toAt + t * width + count, toAt + (t + 1) * width, 0);
        }
    }

    private static void copyTerms(
            float[] from, int at, int termStride, int count, int width, int terms, float[] to, int toAt) {
        int whole = count - count % L;
        for (int t = 0; t < terms; t++) {
            int source = at + t * termStride;
            int target = toAt + t * width;
            for (int line = 0; line < whole; line += L) {
                FloatVector.fromArray(S, from, source + line).intoArray(to, target + line);
            }
            for (int line = whole; line < count; line++) {
                to[target + line] = from[source + line];
            }
        }
    }

    /** Transposes {@link #LINES} lines at once, so that writes are adjacent. */
    private static void transposeLines(
            float[] from, int at, int lineStride, int termStride, int terms, float[] to, int toAt, int width) {
        for (int t = 0; t < terms; t++) {
            int source = at + t * termStride;
            int target = toAt + t * width;
            to[target] = from[source];
            to[target + 1] = from[source + lineStride];
            to[target + 2] = from[source + 2 * lineStride];
            to[target + 3] = from[source + 3 * lineStride];
        }
    }

    private static void transposeLine(
            float[] from, int at, int termStride, int terms, float[] to, int toAt, int width) {
        for (int t = 0; t < terms; t++) {
            to[toAt + t * width] = from[at + t * termStride];
        }
    }
}
