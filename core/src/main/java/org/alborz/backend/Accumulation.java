package org.alborz.backend;

/** Adds to sums of float64 that measure a batch, in one pass. Operands are row-major. */
public non-sealed interface Accumulation extends EngineFusion {
    /**
     * Computes {@code sum += factor · x}, in float64.
     *
     * @param x of any type and the sum's shape
     */
    void add(double factor, Operand x, Operand sum);

    /**
     * Adds the factor times the number of rows whose largest element, as {@link Reductions#argMax} finds it, is at the row's label.
     *
     * @param x floating {@code [N, C]} with at least one column
     * @param labels int32 {@code [N]}
     * @param sum a scalar
     */
    void addHits(double factor, Operand x, Operand labels, Operand sum);
}
