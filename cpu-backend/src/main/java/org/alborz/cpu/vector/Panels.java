package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;
import static org.alborz.cpu.vector.GemmKernel.ROWS;

import java.util.Arrays;

/**
 * A matrix as {@link Packing} packs it.
 *
 * @param step from one panel to the next
 * @param terms how many of the sum, before they are filled up
 */
record Panels(float[] array, int at, int step, int terms) {
    /** Returns packed rows of so many terms. */
    static Panels rows(float[] array, int at, int terms) {
        return new Panels(array, at, Packing.rowPanel(ROWS, terms), terms);
    }

    /** Returns packed columns of so many terms. */
    static Panels columns(float[] array, int at, int terms) {
        return new Panels(array, at, Packing.columnPanel(COLUMNS, terms), terms);
    }

    /** Returns packed columns from one on, a multiple of {@link GemmKernel#COLUMNS}. */
    Panels from(int column) {
        return new Panels(array, at + column / COLUMNS * step, step, terms);
    }

    /**
     * Returns the terms of packed columns from one on, a multiple of {@link GemmKernel#TERMS}. A product with fewer terms than follow takes up to a multiple of
     * TERMS too, so that the columns must {@link #end} there: 0 times a row that does not count is NaN where that is infinite or NaN.
     */
    Panels fromTerm(int term) {
        return new Panels(array, at + term * COLUMNS, step, terms - term);
    }

    /** Overwrites what follows so many terms of packed columns by zeros, up to a multiple of {@link GemmKernel#TERMS}. */
    void end(int columns, int terms) {
        for (int panel = 0; panel < columns; panel += COLUMNS) {
            int from = at + panel / COLUMNS * step;
            Arrays.fill(array, from + terms * COLUMNS, from + Packing.packedTerms(terms) * COLUMNS, 0);
        }
    }
}
