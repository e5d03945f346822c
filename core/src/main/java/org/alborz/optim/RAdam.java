package org.alborz.optim;

import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;

/**
 * RAdam (Liu et al. 2020): Adam with a rectified adaptive rate: the first steps, while the variance cannot be estimated, are those of
 * momentum, {@code θ −= η·m̂}, and later ones are scaled by the certainty of the estimate, {@code θ −= η·r·m̂ / √v̂}, so that no warm-up is needed. With
 * {@code ρ∞ = 2 / (1 − β₂) − 1} and {@code ρ = ρ∞ − 2t·β₂ᵗ / (1 − β₂ᵗ)}, these are the steps from ρ > 5 on, as in PyTorch, and
 * {@code r² = (ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ)}.
 */
public final class RAdam extends RuleOptimizer {
    /** The length of the average from which on its variance is estimated; as in PyTorch, where the paper has 4. */
    private static final double SHORTEST = 5;

    private final double beta1;
    private final double beta2;
    private final double epsilon;

    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-8 and weight decay 0. */
    public RAdam(double learningRate) {
        this(CommonSettings.of("RAdam", learningRate), 0.9, 0.999, 1e-8);
    }

    private RAdam(CommonSettings common, double beta1, double beta2, double epsilon) {
        super(common, Checks.epsilon(common.owner(), epsilon), "first_moment", "second_moment");
        this.beta1 = Checks.share(common.owner(), "beta1", beta1);
        this.beta2 = Checks.share(common.owner(), "beta2", beta2);
        this.epsilon = epsilon;
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the averages keep at a step, from 0 to below 1. */
    public RAdam betas(double first, double second) {
        return new RAdam(common(), first, second, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public RAdam epsilon(double value) {
        return new RAdam(common(), beta1, beta2, value);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ unless it is {@link #decoupled}. */
    public RAdam weightDecay(double value) {
        return new RAdam(common().weightDecay(value), beta1, beta2, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with its weight decay subtracted from the values as ηλθ (Loshchilov and Hutter 2019). */
    public RAdam decoupled() {
        return new RAdam(common().withDecoupled(), beta1, beta2, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public RAdam groups(ParameterGroup... groups) {
        return new RAdam(common().groups(groups), beta1, beta2, epsilon);
    }

    @Override
    public String name() {
        return "radam";
    }

    @Override
    UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink) {
        double power = Math.pow(beta2, step);
        double mean = rate / (1 - Math.pow(beta1, step));
        double longest = 2 / (1 - beta2) - 1;
        double length = longest - 2 * step * power / (1 - power);
        if (length <= SHORTEST) {
            return new UpdateStep.Parameters(UpdateRule.RADAM, mean, 0, beta1, beta2, 0, epsilon, decay, shrink);
        }
        double rectified = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length);
        double corrected = mean * Math.sqrt(rectified) * Math.sqrt(1 - power);
        return parameters(UpdateRule.RADAM, corrected, beta1, beta2, epsilon, decay, shrink);
    }

    @Override
    String ownSettings() {
        return "beta1=" + beta1 + " beta2=" + beta2 + " epsilon=" + epsilon;
    }
}
