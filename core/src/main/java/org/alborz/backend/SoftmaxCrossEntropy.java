package org.alborz.backend;

/** Softmax and cross-entropy against class labels in one pass. Operands are row-major; labels are int32 {@code [N]}, losses of the logits' accumulator. */
public non-sealed interface SoftmaxCrossEntropy extends EngineFusion {
    /** Tells whether logits may have 16 bits; the engine converts them otherwise. Not unless overridden. */
    default boolean takesHalf() {
        return false;
    }

    /** Computes {@code losses[n] = −Σ t[n, c] · logSoftmax(logits)[n, c]} with t = (1 − ε)·onehot + ε / C. */
    void forward(double labelSmoothing, Operand logits, Operand labels, Operand losses);

    /** Computes {@code dlogits[n, c] = (softmax(logits)[n, c] − t[n, c]) · dlosses[n]}. */
    void backward(double labelSmoothing, Operand logits, Operand labels, Operand dlosses, Operand dlogits);
}
