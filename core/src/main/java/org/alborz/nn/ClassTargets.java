package org.alborz.nn;

import java.util.Arrays;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * What losses over classes count their targets with.
 *
 * @param ignored the label that is left out; null where none is
 * @param weights of the classes; null where all count the same
 */
record ClassTargets(Integer ignored, double... weights) {
    static final ClassTargets ALL = new ClassTargets(null, (double[]) null);

    ClassTargets ignoring(int label) {
        return new ClassTargets(label, weights);
    }

    ClassTargets weighted(double... byClass) {
        return new ClassTargets(ignored, LossInput.weights("classWeights", byClass));
    }

    /** Tells whether each target counts once. */
    boolean isPlain() {
        return ignored == null && weights == null;
    }

    /** Returns the labels with class 0 in the place of those that are ignored. */
    Tensor named(Tensor labels, DType type) {
        return ignored == null
                ? labels
                : labels.to(type).mul(counts(labels, type)).to(DType.INT32);
    }

    /** Returns 1 for each label that counts and 0 for those ignored. */
    Tensor counts(Tensor labels, DType type) {
        return labels.to(type).add(-ignored).abs().sign();
    }

    /**
     * Returns what each label counts; 1 for all where this {@linkplain #isPlain is plain} is not asked for.
     *
     * @param labels {@code [K]}
     */
    Tensor terms(Tensor labels, int classes, DType type) {
        if (weights == null) {
            return counts(labels, type);
        }
        LossInput.requireWeightOfEach("classWeights", classes, weights);
        Tensor byLabel = LossInput.vector(labels.session(), type, weights).gather(0, named(labels, type));
        return ignored == null ? byLabel : byLabel.mul(counts(labels, type));
    }

    /** Returns the losses where their term counts and 0 elsewhere; chosen, since the loss of what is ignored may be infinite. */
    static Tensor counted(Tensor terms, Tensor losses) {
        return Tensor.where(terms.ne(0), losses, LossInput.scalar(losses.session(), losses.dtype(), 0));
    }

    /** Returns the number of terms that a mean over labels is over, or null where each counts once. */
    Tensor weight(Tensor logits, Tensor labels) {
        return isPlain()
                ? null
                : terms(
                                labels.reshape(-1),
                                logits.shape().size(logits.shape().rank() - 1),
                                logits.dtype().accumulator())
                        .sum();
    }

    /** Returns the settings as text for {@link Loss#settings}; empty for none. */
    String settings() {
        return (ignored == null ? "" : " ignore_index=" + ignored)
                + (weights == null ? "" : " class_weights=" + Arrays.toString(weights));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClassTargets targets && settings().equals(targets.settings());
    }

    @Override
    public int hashCode() {
        return settings().hashCode();
    }

    @Override
    public String toString() {
        return "ClassTargets(" + settings().trim() + ")";
    }
}
