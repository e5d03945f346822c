package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Contrastive losses of two views {@code [N, D]} of the same samples, compared by cosine: the cross-entropy of finding a sample's other view,
 * {@code −ln (exp(cos(a, b) / temperature) / Σ exp(cos(a, z) / temperature))} over the views z that are compared. InfoNCE
 * (van den Oord et al. 2018) looks for it among the second views of all samples; NT-Xent (Chen et al. 2020) among both views of all samples but
 * the view itself, from both sides.
 *
 * @param temperature what cosines are divided by, above 0; 0.07 to 0.5 is usual
 * @param bothSides whether it is NT-Xent
 */
public record InfoNceLoss(double temperature, boolean bothSides) implements TermLoss {
    /** The least length that a vector is divided by. */
    private static final double EPSILON = 1e-12;

    public InfoNceLoss {
        LossInput.requirePositive("infoNce", "temperature", temperature);
    }

    /** Computes a term for each first view, {@code [N]}; of NT-Xent then for each second view as well, {@code [2·N]}. */
    @Override
    public Tensor terms(Tensor first, Tensor second) {
        Tensor a = LossInput.wide("infoNce", LossInput.of(first));
        LossInput.requireAlike("infoNce", "views", a, second);
        if (a.shape().rank() != 2) {
            throw new IllegalArgumentException("infoNce expects views [N, D], got " + first.describe());
        }
        Tensor one = unit(a);
        Tensor other = unit(second.to(a.dtype()));
        Tensor own = one.mul(other).sum(false, 1).mul(1 / temperature);
        if (!bothSides) {
            return similarities(one, other).logSumExp(false, 1).sub(own);
        }
        Tensor all = Tensor.concat(0, one, other);
        Tensor others = similarities(all, all).maskedFill(diagonal(all), Double.NEGATIVE_INFINITY);
        return others.logSumExp(false, 1).sub(Tensor.concat(0, own, own));
    }

    private static Tensor unit(Tensor x) {
        return x.div(x.norm(true, 1).maximum(EPSILON));
    }

    private Tensor similarities(Tensor a, Tensor b) {
        return a.matmul(b.mT()).mul(1 / temperature);
    }

    /** Returns a bool matrix that is true on its diagonal, filled on the device. */
    private static Tensor diagonal(Tensor rows) {
        int n = rows.shape().size(0);
        Tensor mask = rows.session()
                .empty(DType.BOOL, Layout.rowMajor(Shape.of(n, n)))
                .fill(0);
        if (n > 0) {
            mask.reshape(-1).slice(0, 0, n * n, n + 1).fill(1);
        }
        return mask;
    }

    @Override
    public String settings() {
        return (bothSides ? "nt_xent" : "info_nce") + " temperature=" + temperature;
    }
}
