package org.alborz.optim;

import java.util.List;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;

/** Adam (Kingma and Ba 2015), with weight decay, if any, added to the gradient. */
public final class Adam implements Optimizer {
    private final double learningRate;
    private final AdamUpdate update;

    /** Makes it with β₁ 0.9, β₂ 0.999, ε 1e-8 and weight decay 0. */
    public Adam(double learningRate) {
        this(learningRate, 0.9, 0.999, 1e-8, 0);
    }

    /**
     * Makes it with settings of one's own.
     *
     * @param weightDecay added to the gradient as λθ
     */
    public Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
        this.learningRate = Checks.learningRate("Adam", learningRate);
        this.update = new AdamUpdate("Adam", beta1, beta2, epsilon, weightDecay, false, List.of());
    }

    private Adam(double learningRate, AdamUpdate update) {
        this.learningRate = learningRate;
        this.update = update;
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
    public Map<String, Tensor> state() {
        return update.state();
    }

    @Override
    public String settings() {
        return update.settings();
    }
}
