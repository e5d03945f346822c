package org.alborz.nn;

import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The focal loss (Lin et al. 2017), {@code −α·(1 − p)^γ·ln p} of the probability p of the target, which gives well classified samples less
 * weight: for classes, with softmax of logits {@code [N, …, C]} against int32 or int64 {@code [N, …]}; or for binary labels, with the
 * logistic function of a logit for each floating target from 0 to 1.
 *
 * @param gamma at least 0; 2 in the paper. With 0 it is cross-entropy
 * @param alpha what targets of 1 count, those of 0 counting 1 − α, for binary labels; NaN where both count 1
 * @param perClass whether logits are of classes
 */
public record FocalLoss(double gamma, double alpha, boolean perClass) implements TermLoss {
    public FocalLoss {
        LossInput.requireAtLeast0("focal", "gamma", gamma);
        if (alpha < 0 || alpha > 1) {
            throw new IllegalArgumentException("focal expects alpha in [0, 1], or NaN for none, got " + alpha);
        }
        if (perClass && !Double.isNaN(alpha)) {
            throw new IllegalArgumentException(
                    "focal over classes expects no alpha, got " + alpha + "; it is of labels that hold or not");
        }
    }

    /** Computes a term for each sample and position, {@code [N, …]}, or for each logit, in the logits' shape. */
    @Override
    public Tensor terms(Tensor output, Tensor target) {
        Tensor logits = LossInput.wide("focal", LossInput.of(output));
        return perClass ? ofClasses(logits, target) : binary(logits, target);
    }

    private Tensor ofClasses(Tensor logits, Tensor labels) {
        LossInput.requireClasses("focal", "logits", logits, labels);
        Tensor rows = logits.reshape(-1, logits.shape().size(-1));
        Tensor logs = LossInput.own(rows.logSoftmax(), labels.reshape(-1)).reshape(labels.shape());
        return modulated(logs.exp().neg().add(1), logs.neg());
    }

    private Tensor binary(Tensor logits, Tensor target) {
        DType type = logits.dtype();
        Tensor y = Targets.inShapeOf("focal", logits, target).to(type);
        Tensor none = y.neg().add(1);
        // ln σ(x) = −softplus(−x)
        Tensor loss = LossInput.weighted(y, softplus(logits.neg())).add(LossInput.weighted(none, softplus(logits)));
        Tensor p = logits.sigmoid();
        Tensor wrong = p.mul(none).add(logits.neg().sigmoid().mul(y));
        Tensor terms = modulated(wrong, loss);
        return Double.isNaN(alpha) ? terms : terms.mul(y.mul(alpha).add(none.mul(1 - alpha)));
    }

    private static Tensor softplus(Tensor x) {
        return x.apply(UnaryOp.SOFTPLUS);
    }

    /** Returns (1 − p)^γ·loss; 1 − p is kept above 0, where a power below 1 has an infinite slope. */
    private Tensor modulated(Tensor wrong, Tensor loss) {
        return gamma == 0 ? loss : wrong.maximum(Float.MIN_NORMAL).pow(gamma).mul(loss);
    }

    @Override
    public TargetRange targets() {
        return perClass
                ? TargetRange.ANY
                : new TargetRange(0, 1, "of targets from -1 to 1 take (x + 1) / 2, else correct the data");
    }

    @Override
    public int classes(Shape output) {
        return perClass && output.rank() >= 2 ? output.size(output.rank() - 1) : Integer.MAX_VALUE;
    }

    @Override
    public String settings() {
        return "focal gamma=" + gamma + (perClass ? " per_class" : " alpha=" + alpha);
    }
}
