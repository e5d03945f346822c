package org.alborz.backend;

/** Many elements to one along some axes. */
public interface Reductions {
    /**
     * Reduces {@code x} along the axes where {@code y}, of the same rank, has size 1. Floating numbers give numbers of their type. Of
     * integers and truth values there are sums, which are int64 and wrap around, and extremes of their own type; so the largest of truth
     * values is whether any is true, the smallest whether all are.
     */
    void reduce(ReduceOp op, Operand x, Operand y);

    /**
     * Finds the index of the largest element along an axis; the first one where several are equal, the first NaN where there is
     * one.
     *
     * @param x of a floating type, int32 or int64
     * @param indices int32, shaped as {@code x} with size 1 along {@code axis}
     */
    void argMax(int axis, Operand x, Operand indices);

    /**
     * Computes {@code y[i] = a[i]·y[i − 1] + x[i]} along an axis, and {@code y[0] = x[0]}; in reverse, from the last to the first. Sums are as
     * those of {@link #reduce}.
     *
     * @param a of the shape and type of {@code x}, or null for 1: then it is the cumulative sum, of int64 as well
     */
    void scan(int axis, boolean reverse, Operand a, Operand x, Operand y);

    /** Finds the index of the smallest element along an axis, as {@link #argMax}. */
    void argMin(int axis, Operand x, Operand indices);
}
