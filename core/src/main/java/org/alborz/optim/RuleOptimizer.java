package org.alborz.optim;

import org.alborz.backend.StepNumbers;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.nn.Model;
import org.alborz.ops.ApplyUpdate;
import org.alborz.ops.Engine;
import org.alborz.text.Given;

/** An optimizer that updates each element independently: a step is one pass over the memory of each span. */
abstract class RuleOptimizer extends SpanOptimizer {
    private final double epsilon;
    private final String[] states;

    /** @param epsilon above 0, or 0 for none */
    RuleOptimizer(CommonSettings common, double epsilon, String... states) {
        super(common, false);
        this.epsilon = epsilon == 0 ? 0 : Checks.epsilon(common.owner(), epsilon);
        this.states = states;
    }

    /** Returns what a step does to a span; its decay and shrink are set by the caller. */
    abstract UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink);

    /** Returns the settings of this optimizer only, in words. */
    abstract String ownSettings();

    /** Makes what a rule needs where it reads nothing but its rate and averages. */
    static UpdateStep.Parameters parameters(
            UpdateRule rule, double rate, double beta1, double beta2, double epsilon, double decay, double shrink) {
        return new UpdateStep.Parameters(rule, rate, 0, beta1, beta2, 1, epsilon, decay, shrink);
    }

    /** @param numbers those of the step in memory, or null for those in {@code p} */
    static void apply(UpdateStep.Parameters p, Span span, SpanNumbers numbers) {
        Engine.applyAll(
                new ApplyUpdate(p),
                0,
                span.values(),
                span.gradients(),
                span.stateOrNull(0),
                span.stateOrNull(1),
                span.stateOrNull(2),
                SpanNumbers.memory(numbers));
    }

    @Override
    public void attach(Model model) {
        Given.value(model, "An optimizer", "a model");
        Checks.requireIn(model.values().dtype().accumulator(), common().owner(), "epsilon", epsilon);
        attachment().attach(model, states);
    }

    @Override
    StepNumbers numbers(Span span, double rate, long step) {
        return of(span, rate, step).numbers();
    }

    @Override
    void apply(Span span, double rate, long step, SpanNumbers numbers) {
        RuleOptimizer.apply(of(span, rate, step), span, numbers);
    }

    private UpdateStep.Parameters of(Span span, double rate, long step) {
        return parameters(rate, step, span.coupledDecay(), span.shrink(rate));
    }

    @Override
    public String settings() {
        return ownSettings() + " " + common().words(attachment());
    }
}
