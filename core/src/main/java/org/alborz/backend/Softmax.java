package org.alborz.backend;

/** Softmax over the last axis; operands are row-major. */
public interface Softmax {
    /** Computes {@code y = exp(x − max) / Σ exp(x − max)}. */
    void softmax(Operand x, Operand y);

    /** Computes {@code y = x − max − ln Σ exp(x − max)}. */
    void logSoftmax(Operand x, Operand y);
}
