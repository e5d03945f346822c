package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * The cosine embedding loss of pairs {@code [N, D]} and signs {@code [N]}: {@code 1 − cos} where the sign is 1, and
 * {@code max(0, cos − margin)} where it is −1, as in PyTorch.
 *
 * @param margin in [−1, 1]; 0 is usual
 */
public record CosineEmbeddingLoss(double margin) implements TernaryLoss {
    /** What is added to squared lengths, so that a vector of zeros has the cosine 0. */
    private static final double EPSILON = 1e-12;

    public CosineEmbeddingLoss {
        if (!(margin >= -1 && margin <= 1)) {
            throw new IllegalArgumentException("cosineEmbedding expects a margin in [-1, 1], got " + margin);
        }
    }

    /** Computes a term for each pair, {@code [N]}. */
    @Override
    public Tensor terms(Tensor first, Tensor second, Tensor sign) {
        Tensor a = LossInput.wide("cosineEmbedding", LossInput.of(first));
        LossInput.requireAlike("cosineEmbedding", "pairs", a, second);
        Tensor b = second.to(a.dtype());
        if (a.shape().rank() != 2 || !sign.shape().equals(a.shape().remove(1))) {
            throw new IllegalArgumentException("cosineEmbedding expects pairs [N, D] and signs [N], got "
                    + first.describe() + " and " + sign.describe());
        }
        Tensor lengths = a.square()
                .sum(false, 1)
                .add(EPSILON)
                .mul(b.square().sum(false, 1).add(EPSILON))
                .sqrt();
        Tensor cosine = a.mul(b).sum(false, 1).div(lengths);
        Tensor zero = LossInput.scalar(a.session(), a.dtype(), 0);
        Tensor apart = Tensor.where(sign.eq(-1), cosine.add(-margin).relu(), zero);
        return Tensor.where(sign.eq(1), cosine.neg().add(1), apart);
    }
}
