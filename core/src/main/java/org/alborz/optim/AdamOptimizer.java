package org.alborz.optim;

import org.alborz.backend.AdamStep;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.nn.Model;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** What {@link Adam} and {@link AdamW} share: the moments and the step. */
abstract class AdamOptimizer extends SpanOptimizer {
    private final Settings settings;

    /** The settings of these two only. */
    record Settings(double beta1, double beta2, double epsilon, boolean amsgrad) {
        static final Settings DEFAULTS = new Settings(0.9, 0.999, 1e-8, false);

        Settings betas(double first, double second) {
            return new Settings(first, second, epsilon, amsgrad);
        }

        Settings epsilon(double value) {
            return new Settings(beta1, beta2, value, amsgrad);
        }

        Settings withAmsgrad() {
            return new Settings(beta1, beta2, epsilon, true);
        }
    }

    AdamOptimizer(CommonSettings common, Settings settings) {
        super(common, false);
        this.settings = settings;
        Checks.share(common.owner(), "beta1", settings.beta1);
        Checks.share(common.owner(), "beta2", settings.beta2);
        Checks.epsilon(common.owner(), settings.epsilon);
    }

    final Settings own() {
        return settings;
    }

    @Override
    public final void attach(Model model) {
        Given.value(model, "An optimizer", "a model");
        Checks.requireIn(model.values().dtype().accumulator(), common().owner(), "epsilon", settings.epsilon);
        if (settings.amsgrad) {
            attachment().attach(model, "first_moment", "second_moment", "largest_second_moment");
        } else {
            attachment().attach(model, "first_moment", "second_moment");
        }
    }

    @Override
    final StepNumbers numbers(Span span, double rate, long step) {
        return parameters(span, rate, step).numbers();
    }

    @Override
    final void apply(Span span, double rate, long step, SpanNumbers numbers) {
        AdamStep.Parameters p = parameters(span, rate, step);
        if (settings.amsgrad) {
            RuleOptimizer.apply(byLargest(p), span, numbers);
        } else {
            Tensor firstMoment = span.states().get(0);
            Tensor secondMoment = span.states().get(1);
            Engine.applyAll(
                    new ApplyAdam(p),
                    0,
                    span.values(),
                    span.gradients(),
                    firstMoment,
                    secondMoment,
                    SpanNumbers.memory(numbers),
                    null);
        }
    }

    private AdamStep.Parameters parameters(Span span, double rate, long step) {
        return AdamStep.Parameters.of(
                rate, settings.beta1, settings.beta2, settings.epsilon, span.weightDecay(), span.decoupled(), step);
    }

    private static UpdateStep.Parameters byLargest(AdamStep.Parameters p) {
        return new UpdateStep.Parameters(
                UpdateRule.AMSGRAD,
                p.rate(),
                0,
                p.beta1(),
                p.beta2(),
                p.correction(),
                p.epsilon(),
                p.decay(),
                p.shrink());
    }

    @Override
    public final String settings() {
        return "beta1=" + settings.beta1 + " beta2=" + settings.beta2 + " epsilon=" + settings.epsilon
                + " weight_decay=" + common().weightDecay() + (settings.amsgrad ? " amsgrad=true" : "")
                + attachment().settings();
    }
}
