package org.alborz.backend;

/** Many elements to one along some axes. */
public interface Reductions {
    /** Reduces {@code x} along the axes where {@code y}, of the same rank, has size 1. */
    void reduce(ReduceOp op, Operand x, Operand y);

    /**
     * Finds the index of the largest element along an axis; the first one where several are equal, the first NaN where there is
     * one.
     *
     * @param indices int32, shaped as {@code x} with size 1 along {@code axis}
     */
    void argMax(int axis, Operand x, Operand indices);
}
