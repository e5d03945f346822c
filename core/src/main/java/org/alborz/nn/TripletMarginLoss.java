package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * The triplet loss of an anchor, a positive and a negative sample, {@code [N, D]} each: {@code max(0, d(a, p) − d(a, n) + margin)} with the distance
 * {@code ‖x − y + 10⁻⁶‖} of a p-norm along the last axis (Balntas et al. 2016), as in PyTorch.
 *
 * @param margin above 0; 1 is usual
 * @param p of the norm, at least 1, ∞ included; 2 is usual
 * @param swap whether the negative is compared with the nearer one of anchor and positive
 */
public record TripletMarginLoss(double margin, double p, boolean swap) implements TernaryLoss {
    private static final double EPSILON = 1e-6;

    public TripletMarginLoss {
        LossInput.requirePositive("tripletMargin", "margin", margin);
        if (!(p >= 1)) {
            throw new IllegalArgumentException("tripletMargin expects a norm of p >= 1, got " + p);
        }
    }

    /** Makes one with margin 1 and the Euclidean norm, without swapping. */
    public TripletMarginLoss() {
        this(1, 2, false);
    }

    /** Computes a term for each triplet, {@code [N]}. */
    @Override
    public Tensor terms(Tensor anchor, Tensor positive, Tensor negative) {
        Tensor a = LossInput.wide("tripletMargin", LossInput.of(anchor));
        LossInput.requireAlike("tripletMargin", "anchors, positives and negatives", a, positive, negative);
        if (a.shape().rank() == 0) {
            throw new IllegalArgumentException("tripletMargin expects samples [N, D], got " + anchor.describe());
        }
        Tensor near = positive.to(a.dtype());
        Tensor far = negative.to(a.dtype());
        Tensor away = distance(a, far);
        away = swap ? away.minimum(distance(near, far)) : away;
        return distance(a, near).sub(away).add(margin).relu();
    }

    private Tensor distance(Tensor a, Tensor b) {
        Tensor difference = a.sub(b).add(EPSILON);
        if (p == 2) {
            return difference.norm(false, -1);
        } else if (p == 1) {
            return difference.abs().sum(false, -1);
        } else if (Double.isInfinite(p)) {
            return difference.abs().max(false, -1);
        }
        // Divided by the largest first, as powers may underflow; then the sum is 1 or more unless all are 0.
        Tensor size = difference.abs();
        Tensor largest = size.detach().max(true, -1).clamp(Float.MIN_NORMAL, Float.MAX_VALUE);
        Tensor root = size.div(largest).pow(p).sum(true, -1).maximum(1).pow(1 / p);
        return root.mul(largest).squeeze(-1);
    }
}
