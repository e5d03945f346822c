package org.alborz.optim;

/**
 * AdamW (Loshchilov and Hutter 2019): Adam with weight decay subtracted from the values themselves,
 * {@code θ −= η·(m̂ / (√v̂ + ε) + λ·θ)}.
 */
public final class AdamW extends AdamOptimizer {
    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-8 and weight decay 0.01. */
    public AdamW(double learningRate) {
        this(CommonSettings.of("AdamW", learningRate).withDecoupled().weightDecay(0.01), Settings.DEFAULTS);
    }

    private AdamW(CommonSettings common, Settings settings) {
        super(common, settings);
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the moments keep at a step, from 0 to below 1. */
    public AdamW betas(double beta1, double beta2) {
        return new AdamW(common(), own().betas(beta1, beta2));
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public AdamW epsilon(double value) {
        return new AdamW(common(), own().epsilon(value));
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, subtracted from the values as ηλθ. */
    public AdamW weightDecay(double value) {
        return new AdamW(common().weightDecay(value), own());
    }

    /**
     * Returns this optimizer, not yet tied to a model, as AMSGrad (Reddi et al. 2018): it divides by the largest second moment so far, as
     * PyTorch's {@code amsgrad=True} does, so that rates never rise again.
     */
    public AdamW amsgrad() {
        return new AdamW(common(), own().withAmsgrad());
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public AdamW groups(ParameterGroup... groups) {
        return new AdamW(common().groups(groups), own());
    }

    @Override
    public String name() {
        return "adamw";
    }
}
