package org.alborz.optim;

/**
 * Adam (Kingma and Ba 2015), {@code θ −= η·m̂ / (√v̂ + ε)} with {@code m = β₁·m + (1 − β₁)·g}, {@code v = β₂·v + (1 − β₂)·g²},
 * {@code m̂ = m / (1 − β₁ᵗ)} and {@code v̂ = v / (1 − β₂ᵗ)}; weight decay, if any, is added to the gradient.
 */
public final class Adam extends AdamOptimizer {
    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-8 and weight decay 0. */
    public Adam(double learningRate) {
        this(CommonSettings.of("Adam", learningRate), Settings.DEFAULTS);
    }

    private Adam(CommonSettings common, Settings settings) {
        super(common, settings);
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the moments keep at a step, from 0 to below 1. */
    public Adam betas(double beta1, double beta2) {
        return new Adam(common(), own().betas(beta1, beta2));
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public Adam epsilon(double value) {
        return new Adam(common(), own().epsilon(value));
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ. */
    public Adam weightDecay(double value) {
        return new Adam(common().weightDecay(value), own());
    }

    /**
     * Returns this optimizer, not yet tied to a model, as AMSGrad (Reddi et al. 2018): it divides by the largest second moment so far, as
     * PyTorch's {@code amsgrad=True} does, so that rates never rise again.
     */
    public Adam amsgrad() {
        return new Adam(common(), own().withAmsgrad());
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public Adam groups(ParameterGroup... groups) {
        return new Adam(common().groups(groups), own());
    }

    @Override
    public String name() {
        return "adam";
    }
}
