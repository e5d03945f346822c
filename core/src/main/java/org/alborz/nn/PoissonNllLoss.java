package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * The negative log-likelihood of counts t under Poisson distributions: {@code eˣ − t·x} of outputs x that are logarithms of the rate, or
 * {@code x − t·ln(x + ε)} of outputs that are the rate.
 *
 * @param logInput whether outputs are logarithms
 * @param full whether ln t! is added, by Stirling's formula {@code t·ln t − t + ln(2πt) / 2} for t above 1
 * @param epsilon ε, above 0; 1e-8 is usual
 */
public record PoissonNllLoss(boolean logInput, boolean full, double epsilon) implements TermLoss {
    public PoissonNllLoss {
        LossInput.requirePositive("poissonNll", "epsilon", epsilon);
    }

    /** Makes one of outputs that are logarithms, without ln t!. */
    public PoissonNllLoss() {
        this(true, false, 1e-8);
    }

    /** Computes a term for each output, in the outputs' shape. */
    @Override
    public Tensor terms(Tensor output, Tensor target) {
        Tensor x = LossInput.wide("poissonNll", LossInput.of(output));
        Tensor t = Targets.inShapeOf("poissonNll", x, target).to(x.dtype());
        Tensor terms =
                logInput ? x.exp().sub(t.mul(x)) : x.sub(t.mul(x.add(epsilon).log()));
        return full ? terms.add(logFactorial(t)) : terms;
    }

    private static Tensor logFactorial(Tensor count) {
        Tensor t = count.maximum(1);
        Tensor stirling = t.mul(t.log()).sub(t).add(t.mul(2 * Math.PI).log().mul(0.5));
        return Tensor.where(count.gt(1), stirling, LossInput.scalar(t.session(), t.dtype(), 0));
    }

    @Override
    public TargetRange targets() {
        return new TargetRange(0, Double.POSITIVE_INFINITY, "counts are at least 0; correct the data");
    }

    @Override
    public String settings() {
        return "poisson_nll" + (logInput ? " log_input" : "") + (full ? " full" : "") + " epsilon=" + epsilon;
    }
}
