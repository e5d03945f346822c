package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * The soft Dice loss {@code 1 − (2·Σ p·t + s) / (Σ p + Σ t + s)} of probabilities p, such as the logistic function gives, and targets t
 * from 0 to 1 of one shape (Milletari et al. 2016, with sums in place of squares): over the pixels of each sample and class of images
 * {@code [N, C, …]}, or each sample of {@code [N, K]}.
 *
 * @param smooth s, at least 0, which makes the loss 0 where both mask and prediction are empty; 1 is usual
 */
public record DiceLoss(double smooth) implements TermLoss {
    public DiceLoss {
        LossInput.requireAtLeast0("dice", "smoothing", smooth);
    }

    /** Computes a term for each sample and class, {@code [N, C]}, or each sample, {@code [N]}. */
    @Override
    public Tensor terms(Tensor output, Tensor target) {
        Tensor p = LossInput.wide("dice", LossInput.of(output));
        Tensor t = Targets.inShapeOf("dice", p, target).to(p.dtype());
        int rank = p.shape().rank();
        if (rank < 2) {
            throw new IllegalArgumentException("dice expects probabilities [N, C, …] or [N, K], got " + p.describe());
        }
        int kept = rank == 2 ? 1 : 2;
        int[] pixels = new int[rank - kept];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = kept + i;
        }
        Tensor both = p.mul(t).sum(false, pixels).mul(2).add(smooth);
        Tensor all = p.sum(false, pixels).add(t.sum(false, pixels)).add(smooth);
        return both.div(all).neg().add(1);
    }

    @Override
    public TargetRange targets() {
        return new TargetRange(0, 1, "masks are 0 or 1; of masks of -1 and 1 take (x + 1) / 2, else correct the data");
    }

    @Override
    public String settings() {
        return "dice smooth=" + smooth;
    }
}
