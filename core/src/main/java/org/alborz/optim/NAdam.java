package org.alborz.optim;

import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;

/**
 * NAdam (Dozat 2016): Adam with Nesterov's momentum, which grows over the first steps, {@code θ −= η·m̂ / (√v̂ + ε)} with
 * {@code m̂ = μₜ₊₁·m / (1 − Π μᵢ) + (1 − μₜ)·g / (1 − Π μᵢ)}, the products being of all i up to t + 1 and up to t, {@code μₜ = β₁·(1 − 0.96^(t·ψ) / 2)}, and m, v and
 * v̂ those of Adam.
 */
public final class NAdam extends RuleOptimizer {
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double momentumDecay;

    /** The step that the product is of; 0 before the first. */
    private long counted;

    private double product = 1;

    /** The step and the product to begin from for an earlier step; 0 and 1 before the first. */
    private long marked;

    private double markedProduct = 1;

    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-8, momentum decay ψ 0.004 and weight decay 0; a learning rate of 0.002 is usual. */
    public NAdam(double learningRate) {
        this(CommonSettings.of("NAdam", learningRate), 0.9, 0.999, 1e-8, 4e-3);
    }

    private NAdam(CommonSettings common, double beta1, double beta2, double epsilon, double momentumDecay) {
        super(common, Checks.epsilon(common.owner(), epsilon), "first_moment", "second_moment");
        this.beta1 = Checks.share(common.owner(), "beta1", beta1);
        this.beta2 = Checks.share(common.owner(), "beta2", beta2);
        this.epsilon = epsilon;
        this.momentumDecay = Checks.atLeastZero(common.owner(), "momentum decay", momentumDecay);
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the averages keep at a step, from 0 to below 1. */
    public NAdam betas(double first, double second) {
        return new NAdam(common(), first, second, epsilon, momentumDecay);
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public NAdam epsilon(double value) {
        return new NAdam(common(), beta1, beta2, value, momentumDecay);
    }

    /**
     * Returns this optimizer, not yet tied to a model, with another ψ of at least 0 in the momentum of step t,
     * {@code μₜ = β₁·(1 − 0.96^(t·ψ) / 2)}.
     */
    public NAdam momentumDecay(double value) {
        return new NAdam(common(), beta1, beta2, epsilon, value);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ unless it is {@link #decoupled}. */
    public NAdam weightDecay(double value) {
        return new NAdam(common().weightDecay(value), beta1, beta2, epsilon, momentumDecay);
    }

    /** Returns this optimizer, not yet tied to a model, with its weight decay subtracted from the values as ηλθ (Loshchilov and Hutter 2019). */
    public NAdam decoupled() {
        return new NAdam(common().withDecoupled(), beta1, beta2, epsilon, momentumDecay);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public NAdam groups(ParameterGroup... groups) {
        return new NAdam(common().groups(groups), beta1, beta2, epsilon, momentumDecay);
    }

    @Override
    public String name() {
        return "nadam";
    }

    @Override
    UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink) {
        double now = momentum(step);
        double next = momentum(step + 1.0);
        double product = product(step);
        return new UpdateStep.Parameters(
                UpdateRule.NADAM,
                rate * next / (1 - product * next),
                rate * (1 - now) / (1 - product),
                beta1,
                beta2,
                1 / (1 - Math.pow(beta2, step)),
                epsilon,
                decay,
                shrink);
    }

    private double momentum(double step) {
        return beta1 * (1 - 0.5 * Math.pow(0.96, step * momentumDecay));
    }

    /** Returns the product of the momentums of all steps up to this one, from that of an earlier step which is known. */
    private double product(long step) {
        boolean restarts = step < counted;
        if (restarts) { // captured steps ask for those of some steps again and again
            boolean known = marked <= step;
            counted = known ? marked : 0;
            product = known ? markedProduct : 1;
        }
        while (counted < step && product >= Double.MIN_NORMAL) { // smaller ones count as 0, and round up to themselves
            product *= momentum(++counted);
        }
        counted = step;
        if (restarts) {
            marked = step;
            markedProduct = product;
        }
        return product;
    }

    @Override
    String ownSettings() {
        return "beta1=" + beta1 + " beta2=" + beta2 + " epsilon=" + epsilon + " momentum_decay=" + momentumDecay;
    }
}
