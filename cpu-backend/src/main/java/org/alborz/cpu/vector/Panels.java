package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;
import static org.alborz.cpu.vector.GemmKernel.ROWS;

/**
 * A matrix as {@link Packing} packs it.
 *
 * @param step from one panel to the next
 */
record Panels(float[] array, int at, int step) {
    /** Returns packed rows of so many terms. */
    static Panels rows(float[] array, int at, int terms) {
        return new Panels(array, at, Packing.rowPanel(ROWS, terms));
    }

    /** Returns packed columns of so many terms. */
    static Panels columns(float[] array, int at, int terms) {
        return new Panels(array, at, Packing.columnPanel(COLUMNS, terms));
    }

    /** Returns packed columns from one on, a multiple of {@link GemmKernel#COLUMNS}. */
    Panels from(int column) {
        return new Panels(array, at + column / COLUMNS * step, step);
    }

    /** Returns the terms of packed columns from one on, a multiple of {@link GemmKernel#TERMS}. */
    Panels fromTerm(int term) {
        return new Panels(array, at + term * COLUMNS, step);
    }
}
