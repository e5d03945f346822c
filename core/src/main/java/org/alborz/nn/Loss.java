package org.alborz.nn;

import org.alborz.ops.CrossEntropy;
import org.alborz.tensor.Tensor;

/** A scalar that training makes small. */
@FunctionalInterface
public interface Loss {
    /** Computes the mean loss of a batch as a scalar. */
    Tensor of(Tensor output, Tensor target);

    /** Returns the mean cross-entropy of logits {@code [N, C]} against labels, int32 {@code [N]}. */
    static Loss crossEntropy() {
        return crossEntropy(0);
    }

    /** Returns the mean cross-entropy against (1 − ε)·onehot + ε / C (Szegedy et al. 2016). */
    static Loss crossEntropy(double labelSmoothing) {
        return (logits, labels) -> {
            Tensor losses = CrossEntropy.apply(logits, labels, labelSmoothing);
            return losses.mean();
        };
    }

    /** Returns the mean squared difference of two tensors of one shape. */
    static Loss mse() {
        return (output, target) -> {
            if (!output.shape().equals(target.shape())) {
                throw new IllegalArgumentException(
                        "mse expects targets " + output.shape() + ", got " + target.describe());
            }
            return output.sub(target).square().mean();
        };
    }
}
