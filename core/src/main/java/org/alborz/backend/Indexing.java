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

    /**
     * Computes {@code y[…, i, …] = x[…, indices[…, i, …], …]}, the place along the axis being that of the element itself.
     *
     * @param indices row-major, shaped as {@code y}; the other axes are those of {@code x}
     */
    void takeAlongAxis(int axis, Operand x, Operand indices, Operand y);

    /**
     * Sets {@code y} to 0 and adds {@code x[…, i, …]} to {@code y[…, indices[…, i, …], …]}. The order of additions depends on the indices
     * alone.
     *
     * @param x row-major
     * @param indices row-major, shaped as {@code x}; the other axes are those of {@code y}
     * @param y row-major
     */
    void scatterAddAlongAxis(int axis, Operand x, Operand indices, Operand y);

    /** Writes {@code x[…, i, …]} to {@code y[…, indices[…, i, …], …]}, the last of equal indices, as {@link #scatterAddAlongAxis}. */
    void scatterAlongAxis(int axis, Operand x, Operand indices, Operand y);

    /**
     * Finds the indices of the elements along an axis in ascending or descending order, and of equal ones in their own order. NaN is larger
     * than all numbers, and −0 equals 0.
     *
     * @param x of a floating type, int32 or int64
     * @param indices int32, row-major, shaped as {@code x} but for the axis, along which it has the first ones only
     */
    void argSort(int axis, boolean descending, Operand x, Operand indices);

    /** Sets {@code y[k, c] = (indices[k] = c) ? 1 : 0}. */
    void oneHot(Operand indices, Operand y);
}
