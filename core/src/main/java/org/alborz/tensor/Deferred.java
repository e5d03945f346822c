package org.alborz.tensor;

/** Computes the values of a tensor when they are first read; see {@link TensorAccess#deferred}. */
public interface Deferred {
    /** Computes the values into the memory that {@link TensorAccess#allocate} gives the tensor. */
    void compute();

    /** Is called when the last handle was closed before the values were read. */
    void abandon();
}
