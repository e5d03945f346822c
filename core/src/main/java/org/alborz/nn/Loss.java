package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Described;
import org.alborz.type.Shape;

/**
 * What training makes small: the mean loss of a model's output against a target, as a scalar. A function of one's own is a loss as well:
 *
 * <pre>{@code
 * Loss quartic = (output, target) -> output.sub(target).pow(4).mean();
 * }</pre>
 */
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

    /** Returns which targets it takes, so that training refuses others before it changes anything; any, as by default. */
    default TargetRange targets() {
        return TargetRange.ANY;
    }

    /**
     * Returns the number of terms that the mean is over, as a scalar, where that is not the number of samples times a constant; null, as by
     * default, where it is. Means over batches are weighted by it.
     */
    default Tensor weight(Tensor output, Tensor target) {
        return null;
    }

    /** Returns the mean cross-entropy of logits {@code [N, …, C]} against classes {@code [N, …]}, int32 or int64. */
    static CrossEntropyLoss crossEntropy() {
        return crossEntropy(0);
    }

    /** Returns the mean cross-entropy against (1 − ε)·onehot + ε / C (Szegedy et al. 2016). */
    static CrossEntropyLoss crossEntropy(double labelSmoothing) {
        return new CrossEntropyLoss(labelSmoothing);
    }

    /** Returns the mean cross-entropy of logits against targets from 0 to 1, one logit for each. */
    static BinaryCrossEntropyLoss binaryCrossEntropy() {
        return new BinaryCrossEntropyLoss(1);
    }

    /** Returns the mean squared difference of outputs and targets of one shape, or of shapes that differ by axes of size 1. */
    static Loss mse() {
        return new DifferenceLoss("mse", "mse", Tensor::square);
    }

    /** Returns the mean absolute difference (L1) of outputs and targets, as {@link #mse} takes them. */
    static Loss mae() {
        return new DifferenceLoss("mae", "mae", Tensor::abs);
    }

    /**
     * Returns the mean of {@code d² / 2} for differences d of at most {@code delta}, and of {@code delta·(|d| − delta / 2)} for larger ones
     * (Huber 1964); targets as {@link #mse} takes them.
     */
    static Loss huber(double delta) {
        if (!(delta > 0) || Double.isInfinite(delta)) {
            throw new IllegalArgumentException("huber expects a finite delta above 0, got " + delta);
        }
        return new DifferenceLoss("huber", "huber delta=" + delta, difference -> {
            Tensor magnitude = difference.abs();
            Tensor bounded = magnitude.minimum(delta);
            return bounded.mul(magnitude.sub(bounded.mul(0.5)));
        });
    }
}
