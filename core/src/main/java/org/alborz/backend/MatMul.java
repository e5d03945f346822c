package org.alborz.backend;

import org.alborz.type.Activation;

/** Matrix products. */
public interface MatMul {
    /**
     * Computes {@code y = activation(a·b + bias)}.
     *
     * <p>All three are rank 2, or all are rank 3 with the batch first (an input's batch stride may be 0). Each input matrix has
     * stride 1 along at least one of its last two axes, so that a transpose is only a layout; {@code y} is row-major.
     *
     * @param a {@code [B, M, K]} or {@code [M, K]}
     * @param b {@code [B, K, N]} or {@code [K, N]}
     * @param bias {@code [N]}, contiguous, or null
     * @param y {@code [B, M, N]} or {@code [M, N]}
     */
    void multiply(Operand a, Operand b, Operand bias, Activation activation, Operand y);
}
