package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * The negative log-likelihood {@code (ln v + (x − t)² / v) / 2} of targets t under normal distributions of mean x and variance v (Nix and Weigend
 * 1994); means, targets and variances have one shape, or the last axis of the variances has size 1. A variance below ε is replaced by ε, and gets
 * the gradient of ε, so that it can grow, as in PyTorch.
 *
 * @param full whether ln(2π) / 2 is added
 * @param epsilon ε, above 0; 1e-6 is usual
 */
public record GaussianNllLoss(boolean full, double epsilon) implements TernaryLoss {
    private static final double CONSTANT = 0.5 * Math.log(2 * Math.PI);

    public GaussianNllLoss {
        LossInput.requirePositive("gaussianNll", "epsilon", epsilon);
    }

    /** Makes one without the constant and with ε = 1e-6. */
    public GaussianNllLoss() {
        this(false, 1e-6);
    }

    /** Computes a term for each mean, in the means' shape. */
    @Override
    public Tensor terms(Tensor mean, Tensor target, Tensor variance) {
        Tensor x = LossInput.wide("gaussianNll", LossInput.of(mean));
        LossInput.requireAlike("gaussianNll", "means and targets", x, target);
        boolean shared =
                x.shape().rank() > 0 && variance.shape().equals(x.shape().with(-1, 1));
        if (!shared) {
            LossInput.requireAlike("gaussianNll", "means and variances", x, variance);
        }
        Tensor given = variance.to(x.dtype());
        // Adds 0 to a variance of ε or more.
        Tensor v = given.add(given.maximum(epsilon).sub(given).detach());
        Tensor t = target.to(x.dtype());
        Tensor terms = x.sub(t).square().div(v).add(v.log()).mul(0.5);
        return full ? terms.add(CONSTANT) : terms;
    }
}
