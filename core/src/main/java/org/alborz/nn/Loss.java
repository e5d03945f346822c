package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Described;
import org.alborz.type.Shape;

/** A scalar that training makes small. */
@FunctionalInterface
public interface Loss {
    /** Computes the mean loss of a batch as a scalar. */
    Tensor of(Tensor output, Tensor target);

    /** Returns the loss in words; a resumed run must have the same. The class's {@code toString}, or its name, unless overridden. */
    default String settings() {
        return Described.of(this);
    }

    /**
     * Returns how many classes labels may name for outputs of a shape, so that training refuses others before it changes anything;
     * the largest int, as by default, where labels are something else.
     */
    default int classes(Shape output) {
        return Integer.MAX_VALUE;
    }

    /** Tells whether a label that names no class is left out, such as one that stands for padding. */
    default boolean ignores(int label) {
        return false;
    }

    /** Returns the mean cross-entropy of logits {@code [N, C]} against labels, int32 {@code [N]}. */
    static Loss crossEntropy() {
        return crossEntropy(0);
    }

    /** Returns the mean cross-entropy against (1 − ε)·onehot + ε / C (Szegedy et al. 2016). */
    static Loss crossEntropy(double labelSmoothing) {
        return new CrossEntropyLoss(labelSmoothing);
    }

    /** Returns the mean squared difference of two tensors of one shape. */
    static Loss mse() {
        return new Named("mse", (result, target) -> {
            Tensor output = LossInput.of(result);
            if (!output.shape().equals(target.shape())) {
                throw new IllegalArgumentException(
                        "mse expects targets " + output.shape() + ", got " + target.describe());
            }
            // A square of a number of 16 bits may not be one, though the mean is.
            Tensor difference = output.to(output.dtype().accumulator())
                    .sub(target.to(target.dtype().accumulator()));
            return difference.square().mean().to(output.dtype());
        });
    }

    /** A loss with its name. */
    record Named(String settings, Loss function) implements Loss {
        @Override
        public Tensor of(Tensor output, Tensor target) {
            return function.of(output, target);
        }

        @Override
        public int classes(Shape output) {
            return function.classes(output);
        }
    }
}
