package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * The ranking loss {@code max(0, −y·(a − b) + margin)} of scores a and b of one shape, where a should be larger if the sign y is 1, and b
 * if it is −1.
 *
 * @param margin finite; 0 is usual
 */
public record MarginRankingLoss(double margin) implements TernaryLoss {
    public MarginRankingLoss {
        if (!Double.isFinite(margin)) {
            throw new IllegalArgumentException("marginRanking expects a finite margin, got " + margin);
        }
    }

    /** Computes a term for each pair of scores. */
    @Override
    public Tensor terms(Tensor first, Tensor second, Tensor sign) {
        Tensor a = LossInput.wide("marginRanking", LossInput.of(first));
        LossInput.requireAlike("marginRanking", "scores and signs", a, second, sign);
        Tensor behind = second.to(a.dtype()).sub(a);
        return behind.mul(sign.to(a.dtype())).add(margin).relu();
    }
}
