package org.alborz.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * LAMB (You et al. 2020, algorithm 2) for large batches: Adam's direction u with the weight decay λθ in it, scaled for each parameter to
 * the length of the parameter: {@code θ = θ − η·(‖θ‖ / ‖u‖)·u}. Where either length is 0 the ratio is 1.
 */
public final class Lamb extends SpanOptimizer {
    private static final String DIRECTION = "direction";

    private final double beta1;
    private final double beta2;
    private final double epsilon;

    /** Makes it with the defaults β₁ 0.9, β₂ 0.999, ε 1e-6 and weight decay 0. */
    public Lamb(double learningRate) {
        this(CommonSettings.of("Lamb", learningRate), 0.9, 0.999, 1e-6);
    }

    private Lamb(CommonSettings common, double beta1, double beta2, double epsilon) {
        super(common, true);
        this.beta1 = Checks.share("Lamb", "beta1", beta1);
        this.beta2 = Checks.share("Lamb", "beta2", beta2);
        this.epsilon = Checks.epsilon("Lamb", epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with other shares that the averages keep at a step, from 0 to below 1. */
    public Lamb betas(double first, double second) {
        return new Lamb(common(), first, second, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public Lamb epsilon(double value) {
        return new Lamb(common(), beta1, beta2, value);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, which is part of the direction. */
    public Lamb weightDecay(double value) {
        return new Lamb(common().weightDecay(value), beta1, beta2, epsilon);
    }

    /**
     * Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise; none of them may say how it
     * decays.
     */
    public Lamb groups(ParameterGroup... groups) {
        return new Lamb(common().groups(CommonSettings.withoutKindOfDecay("Lamb", groups)), beta1, beta2, epsilon);
    }

    @Override
    public String name() {
        return "lamb";
    }

    @Override
    public void attach(Model model) {
        Given.value(model, "An optimizer", "a model");
        Checks.requireIn(model.values().dtype().accumulator(), "Lamb", "epsilon", epsilon);
        attachment().attach(model, "first_moment", "second_moment", DIRECTION);
    }

    /** Returns numbers whose gradient rate, which the direction does not read, is the learning rate. */
    @Override
    StepNumbers numbers(Span span, double rate, long step) {
        return parameters(span, rate, step).numbers();
    }

    private UpdateStep.Parameters parameters(Span span, double rate, long step) {
        return new UpdateStep.Parameters(
                UpdateRule.LAMB_DIRECTION,
                1 / (1 - Math.pow(beta1, step)),
                rate,
                beta1,
                beta2,
                1 / (1 - Math.pow(beta2, step)),
                epsilon,
                span.weightDecay(),
                1);
    }

    @Override
    boolean multiplies() {
        return true;
    }

    @Override
    void apply(Span span, double rate, long step, SpanNumbers inMemory) {
        UpdateStep.Parameters p = parameters(span, rate, step);
        SpanNumbers numbers = inMemory == null ? SpanNumbers.of(p.numbers()) : inMemory;
        RuleOptimizer.apply(p, span, inMemory);
        try (Scope scope = span.values().session().scope("LAMB")) {
            Tensor u = span.states().get(2);
            Tensor theta = span.values().to(u.dtype());
            Tensor length = theta.square().sum().sqrt();
            Tensor change = u.square().sum().sqrt();
            Tensor one = change.mul(0).add(1);
            Tensor ratio = Tensor.where(length.gt(0).and(change.gt(0)), length.div(change), one);
            Tensor scaled = u.mul(numbers.times(ratio, StepNumbers.GRADIENT_RATE));
            span.values().assign(numbers.unlessNone(theta.sub(scaled), theta));
        }
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(attachment().states());
        state.remove(DIRECTION); // made again in each step
        return state;
    }

    @Override
    public String settings() {
        return "beta1=" + beta1 + " beta2=" + beta2 + " epsilon=" + epsilon + " " + common().words(attachment());
    }
}
