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
 *
 * <p>Those of this package are {@link TermLoss}es, which give their terms and the sum of them as well. Losses of three tensors are {@link
 * TernaryLoss}es, and {@link CtcLoss} has four.
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

    /** Returns what its targets are, which decides what metrics count; unknown, as by default, unless they are classes. */
    default TargetKind targetKind() {
        return TargetKind.ANY;
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

    /** Returns the mean cross-entropy, {@code −ln softmax(x)[y]}, of logits x {@code [N, …, C]} against classes y {@code [N, …]}, int32 or int64. */
    static CrossEntropyLoss crossEntropy() {
        return crossEntropy(0);
    }

    /** Returns the mean cross-entropy against (1 − ε)·onehot + ε / C (Szegedy et al. 2016). */
    static CrossEntropyLoss crossEntropy(double labelSmoothing) {
        return new CrossEntropyLoss(labelSmoothing);
    }

    /** Returns the mean cross-entropy, {@code −(y·ln σ(x) + (1 − y)·ln(1 − σ(x)))}, of logits x against targets y from 0 to 1, one logit for each. */
    static BinaryCrossEntropyLoss binaryCrossEntropy() {
        return new BinaryCrossEntropyLoss();
    }

    /** Returns the mean squared difference {@code Σ (x − y)² / n} of outputs and targets of one shape, or of shapes that differ by axes of size 1. */
    static TermLoss mse() {
        return new DifferenceLoss("mse", "mse", Tensor::square);
    }

    /** Returns the mean absolute difference {@code Σ |x − y| / n} (L1) of outputs and targets, as {@link #mse} takes them. */
    static TermLoss mae() {
        return new DifferenceLoss("mae", "mae", Tensor::abs);
    }

    /**
     * Returns the mean of {@code d² / 2} for differences d of at most {@code delta}, and of {@code delta·(|d| − delta / 2)} for larger ones
     * (Huber 1964); targets as {@link #mse} takes them.
     */
    static TermLoss huber(double delta) {
        if (!(delta > 0) || Double.isInfinite(delta)) {
            throw new IllegalArgumentException("huber expects a finite delta above 0, got " + delta);
        }
        return new DifferenceLoss("huber", "huber delta=" + delta, d -> DifferenceLoss.huber(d, delta));
    }

    /**
     * Returns the mean of {@code d² / (2·beta)} for differences d below {@code beta}, and of {@code |d| − beta / 2} for larger ones (Girshick
     * 2015), which is {@link #huber huber(beta)} / beta; of {@code |d|} where beta is 0. Targets as {@link #mse} takes them.
     */
    static TermLoss smoothL1(double beta) {
        LossInput.requireAtLeast0("smoothL1", "beta", beta);
        String settings = "smooth_l1 beta=" + beta;
        return beta == 0
                ? new DifferenceLoss("smoothL1", settings, Tensor::abs)
                : new DifferenceLoss(
                        "smoothL1", settings, d -> DifferenceLoss.huber(d, beta).mul(1 / beta));
    }

    /** Returns the mean {@code −Σ x[y] / n} over log-probabilities x {@code [N, …, C]} and classes y {@code [N, …]}. */
    static NegativeLogLikelihoodLoss nll() {
        return new NegativeLogLikelihoodLoss();
    }

    /**
     * Returns the multiclass hinge loss (Weston and Watkins 1999) {@code Σ max(0, 1 − x[y] + x[i]) / C} over i ≠ y, of scores x {@code [N, C]} against classes y
     * {@code [N]}.
     */
    static MultiMarginLoss multiMargin() {
        return new MultiMarginLoss();
    }

    /**
     * Returns the focal loss (Lin et al. 2017) {@code −(1 − p)^gamma·ln p} with {@code p = softmax(x)[y]}, of logits x {@code [N, …, C]} against classes y
     * {@code [N, …]}; gamma is 2 in the paper.
     */
    static FocalLoss focal(double gamma) {
        return new FocalLoss(gamma, Double.NaN, true);
    }

    /**
     * Returns the focal loss {@code −α·(1 − p)^gamma·ln p} of a logit for each target from 0 to 1, p being the probability of the target; gamma is 2 and alpha 0.25
     * in the paper.
     *
     * @param alpha what targets of 1 count, those of 0 counting 1 − alpha; NaN where both count 1
     */
    static FocalLoss binaryFocal(double gamma, double alpha) {
        return new FocalLoss(gamma, alpha, false);
    }

    /** Returns the Kullback-Leibler divergence {@code Σ t·(ln t − x)} of target probabilities t from log-probabilities x, as a mean over the samples. */
    static KlDivergenceLoss klDivergence() {
        return new KlDivergenceLoss(false);
    }

    /**
     * Returns InfoNCE (van den Oord et al. 2018) of two views a and b {@code [N, D]} of the same samples, {@code −ln softmax(cos(a[i], b) / temperature)[i]}.
     */
    static InfoNceLoss infoNce(double temperature) {
        return new InfoNceLoss(temperature, false);
    }

    /**
     * Returns NT-Xent (Chen et al. 2020) of two views {@code [N, D]} of the same samples: {@code −ln softmax(cos(z[i], z) / temperature)[j]} for each of all 2·N views z
     * but itself, j being the other view of its sample.
     */
    static InfoNceLoss ntXent(double temperature) {
        return new InfoNceLoss(temperature, true);
    }

    /** Returns the negative log-likelihood {@code eˣ − t·x} of counts t under Poisson distributions, outputs x being logarithms of the rate. */
    static PoissonNllLoss poissonNll() {
        return new PoissonNllLoss();
    }

    /** Returns the soft Dice loss {@code 1 − (2·Σ p·t + 1) / (Σ p + Σ t + 1)} of probabilities p and masks t {@code [N, C, …]}. */
    static DiceLoss dice() {
        return new DiceLoss(1);
    }
}
