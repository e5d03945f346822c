package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The multiclass hinge loss (Weston and Watkins 1999), of scores {@code [N, C]} against classes {@code [N]}, int32 or int64: the mean over
 * the samples of {@code Σ w·max(0, margin − x[y] + x[i])ᵖ / C} over the classes i other than y, w being the weight of class y. This is
 * PyTorch's {@code MultiMarginLoss}; {@link #overClasses} leaves the division by C out, as textbooks do.
 */
public final class MultiMarginLoss implements TermLoss {
    private final boolean squared;
    private final double margin;
    private final boolean summed;
    private final ClassTargets targets;

    MultiMarginLoss() {
        this(false, 1, false, ClassTargets.ALL);
    }

    private MultiMarginLoss(boolean squared, double margin, boolean summed, ClassTargets targets) {
        if (!Double.isFinite(margin)) {
            throw new IllegalArgumentException("multiMargin expects a finite margin, got " + margin);
        }
        this.squared = squared;
        this.margin = margin;
        this.summed = summed;
        this.targets = targets;
    }

    /** Returns one whose hinges are squared: p = 2 in place of 1. */
    public MultiMarginLoss squared() {
        return new MultiMarginLoss(true, margin, summed, targets);
    }

    /** Returns one with another margin than 1. */
    public MultiMarginLoss margin(double width) {
        return new MultiMarginLoss(squared, width, summed, targets);
    }

    /** Returns one that adds up over the classes, without dividing by their number. */
    public MultiMarginLoss overClasses() {
        return new MultiMarginLoss(squared, margin, true, targets);
    }

    /**
     * Returns one that weights samples by their class; the mean stays one over the number of samples, as in PyTorch.
     *
     * @param byClass finite numbers of at least 0, one for each class
     */
    public MultiMarginLoss classWeights(double... byClass) {
        return new MultiMarginLoss(squared, margin, summed, targets.weighted(byClass));
    }

    /** Computes a term for each sample, {@code [N]}. */
    @Override
    public Tensor terms(Tensor output, Tensor labels) {
        Tensor scores = LossInput.wide("multiMargin", LossInput.of(output));
        if (scores.shape().rank() != 2) {
            throw new IllegalArgumentException("multiMargin expects scores [N, C], got " + scores.describe());
        }
        LossInput.requireClasses("multiMargin", "scores", scores, labels);
        Tensor isOwn = LossInput.isOwn(scores, labels);
        Tensor zero = LossInput.scalar(scores.session(), scores.dtype(), 0);
        Tensor own = Tensor.where(isOwn, scores, zero).sum(true, 1);
        Tensor hinges = Tensor.where(isOwn, zero, scores.sub(own).add(margin).relu());
        Tensor powers = squared ? hinges.square() : hinges;
        int classes = scores.shape().size(1);
        Tensor terms = powers.sum(false, 1);
        terms = summed ? terms : terms.div(classes);
        return targets.isPlain() ? terms : terms.mul(targets.terms(labels, classes, scores.dtype()));
    }

    @Override
    public String settings() {
        return "multi_margin p=" + (squared ? 2 : 1) + " margin=" + margin + (summed ? " over_classes" : "")
                + targets.settings();
    }

    @Override
    public String toString() {
        return settings();
    }

    @Override
    public int classes(Shape output) {
        return output.rank() >= 2 ? output.size(output.rank() - 1) : Integer.MAX_VALUE;
    }
}
