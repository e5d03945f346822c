package org.alborz.backend;

/**
 * Reading and writing by index. {@code indices} is int32 {@code [K]}, contiguous; an index outside the axis is an
 * {@link IndexOutOfBoundsException} on the CPU, and at the next synchronisation elsewhere.
 */
public interface Indexing {
    /** Computes {@code y[…, k, …] = x[…, indices[k], …]} along an axis. */
    void gather(int axis, Operand x, Operand indices, Operand y);

    /**
     * Sets {@code y} to 0 and adds {@code x[…, k, …]} to {@code y[…, indices[k], …]}. The terms of an index are added in the order of k, or
     * in runs of neighbours in that order, run by run: an order that depends on the indices alone.
     */
    void scatterAdd(int axis, Operand x, Operand indices, Operand y);

    /** Sets {@code y[k, c] = (indices[k] = c) ? 1 : 0}. */
    void oneHot(Operand indices, Operand y);
}
