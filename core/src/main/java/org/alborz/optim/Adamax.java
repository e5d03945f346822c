package org.alborz.optim;

import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;

/**
 * AdaMax (Kingma and Ba 2015, algorithm 2): Adam with a decaying maximum of the gradients in place of the root mean square,
 * {@code u = max(β₂·u, |g| + ε)} and {@code θ −= η / (1 − β₁ᵗ)·m / u}.
 */
public final class Adamax extends RuleOptimizer {
    private final double beta1;
    private final double beta2;
    private final double epsilon;

    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-8 and weight decay 0; a learning rate of 0.002 is usual. */
    public Adamax(double learningRate) {
        this(CommonSettings.of("Adamax", learningRate), 0.9, 0.999, 1e-8);
    }

    private Adamax(CommonSettings common, double beta1, double beta2, double epsilon) {
        super(common, Checks.epsilon(common.owner(), epsilon), "first_moment", "largest_gradient");
        this.beta1 = Checks.share(common.owner(), "beta1", beta1);
        this.beta2 = Checks.share(common.owner(), "beta2", beta2);
        this.epsilon = epsilon;
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the averages keep at a step, from 0 to below 1. */
    public Adamax betas(double first, double second) {
        return new Adamax(common(), first, second, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public Adamax epsilon(double value) {
        return new Adamax(common(), beta1, beta2, value);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ unless it is {@link #decoupled}. */
    public Adamax weightDecay(double value) {
        return new Adamax(common().weightDecay(value), beta1, beta2, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with its weight decay subtracted from the values as ηλθ (Loshchilov and Hutter 2019). */
    public Adamax decoupled() {
        return new Adamax(common().withDecoupled(), beta1, beta2, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public Adamax groups(ParameterGroup... groups) {
        return new Adamax(common().groups(groups), beta1, beta2, epsilon);
    }

    @Override
    public String name() {
        return "adamax";
    }

    @Override
    UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink) {
        double corrected = rate / (1 - Math.pow(beta1, step));
        return parameters(UpdateRule.ADAMAX, corrected, beta1, beta2, epsilon, decay, shrink);
    }

    @Override
    String ownSettings() {
        return "beta1=" + beta1 + " beta2=" + beta2 + " epsilon=" + epsilon;
    }
}
