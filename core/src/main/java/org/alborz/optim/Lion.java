package org.alborz.optim;

import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;

/**
 * Lion (Chen et al. 2023): the sign of the gradient interpolated with an average of earlier ones,
 * {@code θ −= η·(sign(β₁·m + (1 − β₁)·g) + λ·θ)}, then {@code m = β₂·m + (1 − β₂)·g}. All elements change by the same amount,
 * so a learning rate of about a tenth of Adam's and a weight decay of about ten times AdamW's are usual.
 */
public final class Lion extends RuleOptimizer {
    private final double beta1;
    private final double beta2;

    /** Makes it with the defaults β₁ 0.9, β₂ 0.99 and weight decay 0, subtracted from the values; a learning rate of 0.0001 is usual. */
    public Lion(double learningRate) {
        this(CommonSettings.of("Lion", learningRate).withDecoupled(), 0.9, 0.99);
    }

    private Lion(CommonSettings common, double beta1, double beta2) {
        super(common, 0, "average");
        this.beta1 = Checks.share(common.owner(), "beta1", beta1);
        this.beta2 = Checks.share(common.owner(), "beta2", beta2);
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the averages keep at a step, from 0 to below 1. */
    public Lion betas(double first, double second) {
        return new Lion(common(), first, second);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, subtracted from the values as ηλθ. */
    public Lion weightDecay(double value) {
        return new Lion(common().weightDecay(value), beta1, beta2);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public Lion groups(ParameterGroup... groups) {
        return new Lion(common().groups(groups), beta1, beta2);
    }

    @Override
    public String name() {
        return "lion";
    }

    @Override
    UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink) {
        return parameters(UpdateRule.LION, rate, beta1, beta2, 0, decay, shrink);
    }

    @Override
    String ownSettings() {
        return "beta1=" + beta1 + " beta2=" + beta2;
    }
}
