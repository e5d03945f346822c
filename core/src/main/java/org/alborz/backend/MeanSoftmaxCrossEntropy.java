package org.alborz.backend;

/**
 * The mean of the losses of {@link SoftmaxCrossEntropy} in one pass. Operands are row-major; logits are {@code [N, C]}, labels int32 {@code
 * [N]}, the loss and its gradient scalars of the logits' accumulator. N is at least 1.
 */
public non-sealed interface MeanSoftmaxCrossEntropy extends EngineFusion {
    /** Computes {@code loss = −1 / N · Σ t[n, c] · logSoftmax(logits)[n, c]} with t = (1 − ε)·onehot + ε / C. */
    void forward(double labelSmoothing, Operand logits, Operand labels, Operand loss);

    /** Computes {@code dlogits[n, c] = (softmax(logits)[n, c] − t[n, c]) · dloss / N}. */
    void backward(double labelSmoothing, Operand logits, Operand labels, Operand dloss, Operand dlogits);
}
