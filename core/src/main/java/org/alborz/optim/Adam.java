package org.alborz.optim;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;

/**
 * Adam (Kingma and Ba 2015), {@code θ −= η·m̂ / (√v̂ + ε)} with {@code m = β₁·m + (1 − β₁)·g}, {@code v = β₂·v + (1 − β₂)·g²},
 * {@code m̂ = m / (1 − β₁ᵗ)} and {@code v̂ = v / (1 − β₂ᵗ)}; weight decay, if any, is added to the gradient.
 */
public final class Adam implements CapturableOptimizer {
    private final double learningRate;
    private final AdamUpdate update;

    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-8 and weight decay 0. */
    public Adam(double learningRate) {
        this(
                Checks.learningRate("Adam", learningRate),
                new AdamUpdate("Adam", 0.9, 0.999, 1e-8, 0, false, false, List.of()));
    }

    private Adam(double learningRate, AdamUpdate update) {
        this.learningRate = learningRate;
        this.update = update;
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the moments keep at a step, from 0 to below 1. */
    public Adam betas(double beta1, double beta2) {
        return new Adam(learningRate, update.betas(beta1, beta2));
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public Adam epsilon(double value) {
        return new Adam(learningRate, update.epsilon(value));
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ. */
    public Adam weightDecay(double value) {
        return new Adam(learningRate, update.weightDecay(value));
    }

    /**
     * Returns this optimizer, not yet tied to a model, as AMSGrad (Reddi et al. 2018): it divides by the largest second moment so far, as
     * PyTorch's {@code amsgrad=True} does, so that rates never rise again.
     */
    public Adam amsgrad() {
        return new Adam(learningRate, update.amsgrad());
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public Adam groups(ParameterGroup... groups) {
        return new Adam(learningRate, update.with(groups));
    }

    @Override
    public String name() {
        return "adam";
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
