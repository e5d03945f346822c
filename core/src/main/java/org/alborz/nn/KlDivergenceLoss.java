package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * The Kullback-Leibler divergence Σ t·(ln t − x) of log-probabilities x and target probabilities t of one shape {@code [N, …]}, a target of 0 adding
 * 0. {@link #of} is the mean over the samples, the divergence's own definition and PyTorch's reduction "batchmean"; PyTorch's "mean", over
 * all elements, is {@code terms(output, target).mean()}.
 *
 * @param logTarget whether targets are log-probabilities as well
 */
public record KlDivergenceLoss(boolean logTarget) implements TermLoss {
    /** Returns one whose targets are log-probabilities as well. */
    public KlDivergenceLoss withLogTarget() {
        return new KlDivergenceLoss(true);
    }

    /** Computes a term for each element, in the outputs' shape. */
    @Override
    public Tensor terms(Tensor output, Tensor target) {
        Tensor x = LossInput.wide("klDivergence", LossInput.of(output));
        LossInput.requireAlike("klDivergence", "log-probabilities and targets", x, target);
        DType type = x.dtype();
        Tensor t = logTarget ? target.to(type).exp() : target.to(type);
        Tensor log = logTarget ? target.to(type) : t.log();
        return LossInput.weighted(t, log.sub(x));
    }

    @Override
    public Tensor of(Tensor output, Tensor target) {
        if (output.shape().rank() == 0) {
            throw new IllegalArgumentException(
                    "klDivergence expects log-probabilities [N, …], got " + output.describe());
        }
        Tensor x = LossInput.of(output);
        return terms(x, target).sum().div(x.shape().size(0)).to(x.dtype());
    }

    @Override
    public String settings() {
        return "kl_divergence" + (logTarget ? " log_target" : "");
    }
}
