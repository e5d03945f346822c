package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;
import static org.alborz.cpu.vector.GemmKernel.ROWS;
import static org.alborz.cpu.vector.GemmKernel.TERMS;
import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;
import static org.alborz.cpu.vector.MicroKernels.PANEL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Copies parts of matrices into panels for {@link GemmKernel}: for each term of the sum, the numbers of ROWS rows (COLUMNS columns)
 * are adjacent, and a term begins PANEL (COLUMNS) numbers after the one before. What reaches beyond the last row or column is 0. Terms
 * are filled up to a multiple of {@link GemmKernel#TERMS} by products of −0 and 0, which change no sum, not even one of −0.
 */
final class Packing {
    /** Terms that are transposed at a time, so that both sides stay in the first cache. */
    private static final int SQUARE = 64;

    /** Terms that are copied at a time, of all panels, where terms are apart by a multiple of {@link #PAGE}: as many as the first cache keeps then. */
    private static final int FEW_TERMS = 8;

    /** Floats in what the first cache holds of each of its ways. */
    private static final int PAGE = 1024;

    /** Lines that are transposed at once, so that writes are adjacent. */
    private static final int LINES = 8;

    /** The lanes that lines of odd numbers take, those of the second pair of lines of four, and of the second four. */
    private static final VectorMask<Float> ODD = mask(1);

    private static final VectorMask<Float> PAIR = mask(2);
    private static final VectorMask<Float> HALF = mask(4);

    private Packing() {}

    private static VectorMask<Float> mask(int bit) {
        boolean[] lanes = new boolean[L];
        for (int i = 0; i < L; i++) {
            lanes[i] = (i & bit) != 0;
        }
        return VectorMask.fromArray(S, lanes, 0);
    }

    /** Returns how many terms a panel of so many holds. */
    static int packedTerms(int terms) {
        return Gemm.roundUp(terms, TERMS);
    }

    /** Returns where in the packed rows the panel of a row begins, a multiple of ROWS. */
    static int rowPanel(int row, int terms) {
        return row / ROWS * PANEL * packedTerms(terms);
    }

    /** Returns where in the packed columns the panel of a column begins, a multiple of COLUMNS. */
    static int columnPanel(int column, int terms) {
        return column * packedTerms(terms);
    }

    /** Packs rows {@code from} to {@code to} of the slice of {@code a} that starts at row i and term p, whose first panel is at {@code first}. */
    static void rows(Matrix a, int i, int p, int from, int to, int terms, float[] packed, int first) {
        float[] array = a.array();
        int line = a.rowStride();
        int term = a.columnStride();
        int panelSize = rowPanel(ROWS, terms);
        int whole = to - (to - from) % ROWS;
        boolean copies = line == 1 && term > 1;
        if (copies) {
            int at = a.at() + i + from + p * term;
            copyRows(array, at, term, whole - from, terms, packed, first + rowPanel(from, terms), panelSize);
        }
        for (int r = from; r < to; r += ROWS) {
            int at = a.at() + (i + r) * line + p * term;
            int into = first + rowPanel(r, terms);
            if (r == whole) {
                packLines(array, at, line, term, to - r, PANEL, terms, packed, into);
            } else if (term == 1) {
                transposeRows(array, at, line, terms, packed, into);
            } else if (!copies) {
                packLines(array, at, line, term, ROWS, PANEL, terms, packed, into);
            }
            Arrays.fill(packed, into + terms * PANEL, into + panelSize, -0.0f);
        }
    }

    /** Packs columns {@code from} to {@code to} of the slice of {@code b} that starts at term p and column j, whose first panel is at {@code first}. */
    static void columns(Matrix b, int p, int j, int from, int to, int terms, float[] packed, int first) {
        float[] array = b.array();
        int line = b.columnStride();
        int term = b.rowStride();
        int whole = to - (to - from) % COLUMNS;
        int at = b.at() + p * term + (j + from) * line;
        if (line == 1) {
            copyColumns(array, at, term, whole - from, terms, packed, first + columnPanel(from, terms));
        }
        for (int c = from; c < to; c += COLUMNS, at += COLUMNS * line) {
            int into = first + columnPanel(c, terms);
            if (c == whole) {
                packLines(array, at, line, term, to - c, COLUMNS, terms, packed, into);
            } else if (term == 1 && line != 1) {
                transposeColumns(array, at, line, terms, packed, into);
            } else if (line != 1) {
                packLines(array, at, line, term, COLUMNS, COLUMNS, terms, packed, into);
            }
            Arrays.fill(packed, into + terms * COLUMNS, into + columnPanel(COLUMNS, terms), 0);
        }
    }

    /** Packs {@code count} lines of any strides into a panel of at least that width, with zeros behind them. */
    private static void packLines(
            float[] from, int at, int line, int term, int count, int width, int terms, float[] to, int toAt) {
        for (int t = 0; t < terms; t++) {
            int source = at + t * term;
            int target = toAt + t * width;
            for (int i = 0; i < count; i++) {
                to[target + i] = from[source + i * line];
            }
            Arrays.fill(to, target + count, target + width, 0);
        }
    }

    private static void transposeRows(float[] from, int at, int line, int terms, float[] to, int toAt) {
        if (L == 8) {
            interleave(from, at, line, ROWS == 8 ? LINES : ROWS, terms, to, toAt, PANEL);
            return;
        }
        int at1 = at + line;
        int at2 = at1 + line;
        int at3 = at2 + line;
        int at4 = at3 + line;
        int at5 = at4 + line;
        int at6 = ROWS == 8 ? at5 + line : at5;
        int at7 = ROWS == 8 ? at6 + line : at5;
        for (int t = 0; t < terms; t++) {
            to[toAt + t * PANEL] = from[at + t];
            to[toAt + t * PANEL + 1] = from[at1 + t];
            to[toAt + t * PANEL + 2] = from[at2 + t];
            to[toAt + t * PANEL + 3] = from[at3 + t];
            to[toAt + t * PANEL + 4] = from[at4 + t];
            to[toAt + t * PANEL + 5] = from[at5 + t];
            if (ROWS == 8) {
                to[toAt + t * PANEL + 6] = from[at6 + t];
                to[toAt + t * PANEL + 7] = from[at7 + t];
            }
        }
    }

    /**
     * Makes a vector of eight lanes of each term of eight lines, or of six and any two. Blends and one store take less time than eight stores.
     * Machines of 4 or 16 lanes do not take it, since vectors of a second size would change the profiles that {@link TypeProfiles} tells of.
     */
    private static void interleave(
            float[] from, int at, int line, int lines, int terms, float[] to, int toAt, int step) {
        int at1 = at + line;
        int at2 = at1 + line;
        int at3 = at2 + line;
        int at4 = at3 + line;
        int at5 = at4 + line;
        int at6 = lines == 8 ? at5 + line : at4;
        int at7 = lines == 8 ? at6 + line : at5;
        for (int t = 0; t < terms; t++) {
            FloatVector v01 = FloatVector.broadcast(S, from[at + t]).blend(from[at1 + t], ODD);
            FloatVector v23 = FloatVector.broadcast(S, from[at2 + t]).blend(from[at3 + t], ODD);
            FloatVector v45 = FloatVector.broadcast(S, from[at4 + t]).blend(from[at5 + t], ODD);
            FloatVector v67 = FloatVector.broadcast(S, from[at6 + t]).blend(from[at7 + t], ODD);
            v01.blend(v23, PAIR).blend(v45.blend(v67, PAIR), HALF).intoArray(to, toAt + t * step);
        }
    }

    /** Copies whole panels of adjacent rows: one after the other, or some terms of all of them where the lines of a panel's terms displace each other in the cache. */
    private static void copyRows(float[] from, int at, int term, int rows, int terms, float[] to, int toAt, int panel) {
        int most = term % PAGE == 0 ? FEW_TERMS : terms;
        for (int t = 0; t < terms; t += most) {
            int some = Math.min(most, terms - t);
            for (int r = 0; r < rows; r += ROWS) {
                copyTerms(from, at + t * term + r, term, some, to, toAt + t * PANEL + r / ROWS * panel);
            }
        }
    }

    /** Copies terms of a panel; a vector that is wider than a term is overwritten by that of the next. */
    private static void copyTerms(float[] from, int at, int term, int terms, float[] to, int toAt) {
        int byVectors =
                L < PANEL ? 0 : Math.min(terms - (L - PANEL) / PANEL, Math.floorDiv(from.length - L - at, term) + 1);
        for (int t = 0; t < byVectors; t++) {
            FloatVector.fromArray(S, from, at + t * term).intoArray(to, toAt + t * PANEL);
        }
        for (int t = Math.max(0, byVectors); t < terms; t++) {
            System.arraycopy(from, at + t * term, to, toAt + t * PANEL, ROWS);
        }
    }

    private static void transposeColumns(float[] from, int at, int line, int terms, float[] to, int toAt) {
        for (int first = 0; first < terms; first += SQUARE) {
            int some = Math.min(SQUARE, terms - first);
            for (int j = 0; j < COLUMNS; j += LINES) {
                transposeLines(from, at + first + j * line, line, some, to, toAt + first * COLUMNS + j);
            }
        }
    }

    private static void transposeLines(float[] from, int at, int line, int terms, float[] to, int toAt) {
        if (L == 8) {
            interleave(from, at, line, LINES, terms, to, toAt, COLUMNS);
            return;
        }
        int at1 = at + line;
        int at2 = at1 + line;
        int at3 = at2 + line;
        int at4 = at3 + line;
        int at5 = at4 + line;
        int at6 = at5 + line;
        int at7 = at6 + line;
        for (int t = 0; t < terms; t++) {
            to[toAt + t * COLUMNS] = from[at + t];
            to[toAt + t * COLUMNS + 1] = from[at1 + t];
            to[toAt + t * COLUMNS + 2] = from[at2 + t];
            to[toAt + t * COLUMNS + 3] = from[at3 + t];
            to[toAt + t * COLUMNS + 4] = from[at4 + t];
            to[toAt + t * COLUMNS + 5] = from[at5 + t];
            to[toAt + t * COLUMNS + 6] = from[at6 + t];
            to[toAt + t * COLUMNS + 7] = from[at7 + t];
        }
    }

    /** Copies whole panels, a term of all of them at a time, so that memory is read in long runs. */
    private static void copyColumns(float[] from, int at, int term, int columns, int terms, float[] to, int toAt) {
        int panel = columnPanel(COLUMNS, terms);
        for (int t = 0; t < terms; t++) {
            int source = at + t * term;
            int target = toAt + t * COLUMNS;
            for (int j = 0; j < columns; j += COLUMNS) {
                FloatVector.fromArray(S, from, source + j).intoArray(to, target);
                FloatVector.fromArray(S, from, source + j + L).intoArray(to, target + L);
                target += panel;
            }
        }
    }
}
