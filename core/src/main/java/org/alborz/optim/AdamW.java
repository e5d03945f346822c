package org.alborz.optim;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;

/**
 * AdamW (Loshchilov and Hutter 2019): Adam with weight decay subtracted from the values themselves,
 * {@code θ −= η·(m̂ / (√v̂ + ε) + λ·θ)}.
 */
public final class AdamW implements CapturableOptimizer {
    private final double learningRate;
    private final AdamUpdate update;

    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-8 and weight decay 0.01. */
    public AdamW(double learningRate) {
        this(
                Checks.learningRate("AdamW", learningRate),
                new AdamUpdate("AdamW", 0.9, 0.999, 1e-8, 0.01, true, false, List.of()));
    }

    private AdamW(double learningRate, AdamUpdate update) {
        this.learningRate = learningRate;
        this.update = update;
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the moments keep at a step, from 0 to below 1. */
    public AdamW betas(double beta1, double beta2) {
        return new AdamW(learningRate, update.betas(beta1, beta2));
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public AdamW epsilon(double value) {
        return new AdamW(learningRate, update.epsilon(value));
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, subtracted from the values as ηλθ. */
    public AdamW weightDecay(double value) {
        return new AdamW(learningRate, update.weightDecay(value));
    }

    /**
     * Returns this optimizer, not yet tied to a model, as AMSGrad (Reddi et al. 2018): it divides by the largest second moment so far, as
     * PyTorch's {@code amsgrad=True} does, so that rates never rise again.
     */
    public AdamW amsgrad() {
        return new AdamW(learningRate, update.amsgrad());
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public AdamW groups(ParameterGroup... groups) {
        return new AdamW(learningRate, update.with(groups));
    }

    @Override
    public String name() {
        return "adamw";
    }

    @Override
    public double learningRate() {
        return learningRate;
    }

    @Override
    public void attach(Model model) {
        update.attach(model);
    }

    @Override
    public Model model() {
        return update.model();
    }

    @Override
    public void detach() {
        update.detach();
    }

    @Override
    public void step(double rate, long step) {
        update.step(rate, step);
    }

    @Override
    public double[] stepNumbers(double rate, long step) {
        return update.stepNumbers(rate, step);
    }

    @Override
    public Optional<double[]> skippingNumbers() {
        return Optional.of(update.skippingNumbers());
    }

    @Override
    public void step(Tensor numbers) {
        update.step(numbers);
    }

    @Override
    public Map<String, Tensor> state() {
        return update.state();
    }

    @Override
    public String settings() {
        return update.settings();
    }
}
