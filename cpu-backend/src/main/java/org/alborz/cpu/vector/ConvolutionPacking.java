package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;
import static org.alborz.cpu.vector.MicroKernels.CHUNK;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Copies what a convolution reads into the order in which {@link MicroKernels} read it.
 *
 * <p>Short pieces are copied by whole vectors; what a vector writes behind its piece, the next piece overwrites, so pieces are copied in order
 * and memory has room for a vector more.
 */
final class ConvolutionPacking {
    private ConvolutionPacking() {}

    /**
     * Copies rows of terms so that all terms of a row are adjacent, filled up to {@code width} by −0, which times 0 changes no sum.
     *
     * @param first the first row's place in {@code rows}
     * @param count how many rows
     * @param runs where each run of a row begins, from the row's first number on
     * @param run numbers of a run
     * @param to at least {@code count · width + L} floats
     */
    static void rows(float[] a, int at, int[] rows, int first, int count, int[] runs, int run, float[] to, int width) {
        int terms = runs.length * run;
        int vectors = Lanes.wholeVectors(run);
        for (int r = 0; r < count; r++) {
            int from = at + rows[first + r];
            int into = r * width;
            for (int i = 0; i < runs.length; i++) {
                int piece = from + runs[i];
                if (piece + vectors <= a.length) {
                    copy(a, piece, to, into + i * run, run);
                } else {
                    System.arraycopy(a, piece, to, into + i * run, run);
                }
            }
            Arrays.fill(to, into + terms, into + width, -0.0f);
        }
    }

    /**
     * Copies a chunk of CHUNK rows of some pixels, the rows of a pixel adjacent.
     *
     * @param steps where each pixel begins, growing
     * @param pieces the chunk's pieces: for each how far it is from the pixel's first number, and its place in the chunk
     * @param to at least {@code pixels · CHUNK + L} floats
     */
    static void chunk(float[] a, int at, int[] steps, int pixel, int pixels, Pieces pieces, float[] to) {
        int whole = pixels;
        while (whole > 0 && at + steps[pixel + whole - 1] + pieces.most() > a.length - L) {
            whole--;
        }
        if (pieces.from().length == 1) {
            adjacent(a, at + pieces.from()[0], steps, pixel, whole, to);
        } else {
            for (int i = 0; i < whole; i++) {
                pieces(a, at + steps[pixel + i], pieces.from(), pieces.place(), to, i * CHUNK);
            }
        }
        for (int i = whole; i < pixels; i++) {
            for (int r = 0; r < pieces.rows().length; r++) {
                to[i * CHUNK + r] = a[at + steps[pixel + i] + pieces.rows()[r]];
            }
        }
    }

    private static void adjacent(float[] a, int at, int[] steps, int pixel, int pixels, float[] to) {
        for (int i = 0; i < pixels; i++) {
            FloatVector.fromArray(S, a, at + steps[pixel + i]).intoArray(to, i * CHUNK);
        }
    }

    private static void pieces(float[] a, int at, int[] from, int[] place, float[] to, int into) {
        for (int k = 0; k < from.length; k++) {
            FloatVector.fromArray(S, a, at + from[k]).intoArray(to, into + place[k]);
        }
    }

    /**
     * The rows of a chunk as pieces of adjacent numbers, of a vector at most.
     *
     * @param rows how far each row is from a pixel's first number, of CHUNK or, where rows are missing, fewer
     * @param from how far each piece is
     * @param place the piece's first row
     * @param most the largest of {@code from}
     */
    record Pieces(int[] rows, int[] from, int[] place, int most) {
        /** Cuts rows into pieces. */
        static Pieces of(int[] rows) {
            int[] from = new int[rows.length];
            int[] place = new int[rows.length];
            int count = 0;
            for (int r = 0; r < rows.length; r++) {
                int last = count - 1;
                if (count == 0 || r - place[last] == L || rows[r] != from[last] + r - place[last]) {
                    from[count] = rows[r];
                    place[count++] = r;
                }
            }
            int most = Arrays.stream(rows).max().orElse(0);
            return new Pieces(rows, Arrays.copyOf(from, count), Arrays.copyOf(place, count), most);
        }
    }

    /**
     * Copies columns of some pixels into panels of two vectors, the last of one where that is enough, filled up by zeros.
     *
     * @param step from one pixel to the next
     * @param columns how many count
     * @param width of all panels together
     */
    static void panels(float[] b, int at, int step, int pixels, int columns, int width, float[] to) {
        for (int j = 0; j < width; j += 2 * L) {
            int panel = PackedFilter.width(j, width);
            if (j + panel > columns) {
                lastPanel(b, at + j, step, pixels, columns - j, panel, to, j * pixels);
            } else if (panel == L) {
                narrowPanel(b, at + j, step, pixels, to, j * pixels);
            } else {
                widePanel(b, at + j, step, pixels, to, j * pixels);
            }
        }
    }

    private static void widePanel(float[] b, int at, int step, int pixels, float[] to, int into) {
        for (int i = 0; i < pixels; i++) {
            FloatVector.fromArray(S, b, at + i * step).intoArray(to, into + i * 2 * L);
            FloatVector.fromArray(S, b, at + i * step + L).intoArray(to, into + i * 2 * L + L);
        }
    }

    private static void narrowPanel(float[] b, int at, int step, int pixels, float[] to, int into) {
        for (int i = 0; i < pixels; i++) {
            FloatVector.fromArray(S, b, at + i * step).intoArray(to, into + i * L);
        }
    }

    private static void lastPanel(
            float[] b, int at, int step, int pixels, int columns, int panel, float[] to, int into) {
        for (int i = 0; i < pixels; i++) {
            System.arraycopy(b, at + i * step, to, into + i * panel, columns);
            Arrays.fill(to, into + i * panel + columns, into + (i + 1) * panel, 0);
        }
    }

    /** Copies by whole vectors, the last of which may reach beyond {@code count}. */
    private static void copy(float[] from, int at, float[] to, int into, int count) {
        for (int v = 0; v < count; v += L) {
            FloatVector.fromArray(S, from, at + v).intoArray(to, into + v);
        }
    }
}
