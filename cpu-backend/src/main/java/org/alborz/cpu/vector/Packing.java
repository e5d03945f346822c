package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.PackedTile.COLUMNS;
import static org.alborz.cpu.vector.PackedTile.ROWS;

import java.util.Arrays;

/**
 * Copies parts of matrices into panels for {@link PackedTile}: for each term of the sum, the numbers of ROWS rows (COLUMNS columns)
 * lie together; what reaches beyond the edge is 0. The panel that starts at row i begins at {@code i·terms}.
 */
final class Packing {
    /** Elements on a side of the square that is transposed at a time, so that both sides stay in the first cache. */
    private static final int SQUARE = 32;

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

    /** Packs one panel: {@code count} of at most {@code width} lines, which lie {@code lineStride} apart. */
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
            for (int t = 0; t < terms; t++) {
                int source = at + t * termStride;
                int target = toAt + t * width;
                for (int line = 0; line < count; line++) {
                    to[target + line] = from[source + line];
                }
            }
        } else {
            for (int first = 0; first < terms; first += SQUARE) {
                transpose(
                        from,
                        at + first * termStride,
                        lineStride,
                        termStride,
                        count,
                        Math.min(SQUARE, terms - first),
                        to,
                        toAt + first * width,
                        width);
            }
        }
        for (int t = 0; count < width && t < terms; t++) {
            Arrays.fill(to, toAt + t * width + count, toAt + (t + 1) * width, 0);
        }
    }

    private static void transpose(
            float[] from,
            int at,
            int lineStride,
            int termStride,
            int count,
            int terms,
            float[] to,
            int toAt,
            int width) {
        for (int line = 0; line < count; line++) {
            int source = at + line * lineStride;
            int target = toAt + line;
            for (int t = 0; t < terms; t++) {
                to[target + t * width] = from[source + t * termStride];
            }
        }
    }
}
