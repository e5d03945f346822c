package org.alborz.optim;

import java.util.List;
import java.util.Map;
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
public final class AdamUpdate {
    private final String owner;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final boolean decoupled;
    private final boolean amsgrad;
    private final Attachment attachment;
    private final SpanSteps steps;

    AdamUpdate(
            String owner,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled,
            boolean amsgrad,
            List<ParameterGroup> groups) {
        this.beta1 = Checks.share(owner, "beta1", beta1);
        this.beta2 = Checks.share(owner, "beta2", beta2);
        this.attachment = new Attachment(owner, weightDecay, decoupled, groups, false);
        this.epsilon = Checks.epsilon(owner, epsilon);
        this.decoupled = decoupled;
        this.amsgrad = amsgrad;
        this.owner = owner;
        this.steps = new SpanSteps(owner, attachment, new Spans());
    }

    AdamUpdate betas(double first, double second) {
        return with(first, second, epsilon, attachment.weightDecay(), amsgrad, attachment.groups());
    }

    AdamUpdate epsilon(double value) {
        return with(beta1, beta2, value, attachment.weightDecay(), amsgrad, attachment.groups());
    }

    AdamUpdate weightDecay(double value) {
        return with(beta1, beta2, epsilon, value, amsgrad, attachment.groups());
    }

    AdamUpdate amsgrad() {
        return with(beta1, beta2, epsilon, attachment.weightDecay(), true, attachment.groups());
    }

    AdamUpdate with(ParameterGroup... groups) {
        return with(beta1, beta2, epsilon, attachment.weightDecay(), amsgrad, List.of(groups));
    }

    private AdamUpdate with(
            double first,
            double second,
            double newEpsilon,
            double weightDecay,
            boolean withMaximum,
            List<ParameterGroup> groups) {
        return new AdamUpdate(owner, first, second, newEpsilon, weightDecay, decoupled, withMaximum, groups);
    }

    void attach(Model model) {
        Given.value(model, "An optimizer", "a model");
        Checks.requireIn(model.values().dtype().accumulator(), owner, "epsilon", epsilon);
        if (amsgrad) {
            attachment.attach(model, "first_moment", "second_moment", "largest_second_moment");
        } else {
            attachment.attach(model, "first_moment", "second_moment");
        }
    }

    Model model() {
        return attachment.model();
    }

    void detach() {
        attachment.detach();
    }

    void step(double learningRate, long step) {
        steps.step(learningRate, step);
    }

    double[] stepNumbers(double learningRate, long step) {
        return steps.numbers(learningRate, step);
    }

    double[] skippingNumbers() {
        return steps.skippingNumbers();
    }

    void step(Tensor numbers) {
        steps.step(numbers);
    }

    /** Updates spans. */
    private final class Spans implements SpanSteps.Update {
        @Override
        public StepNumbers numbers(Span span, double rate, long step) {
            return parameters(span, rate, step).numbers();
        }

        @Override
        public void apply(Span span, double rate, long step, SpanNumbers numbers) {
            AdamStep.Parameters p = parameters(span, rate, step);
            if (amsgrad) {
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
            return AdamStep.Parameters.of(rate, beta1, beta2, epsilon, span.weightDecay(), span.decoupled(), step);
        }
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

    Map<String, Tensor> state() {
        return attachment.states();
    }

    String settings() {
        return "beta1=" + beta1 + " beta2=" + beta2 + " epsilon=" + epsilon + " weight_decay="
                + attachment.weightDecay() + (amsgrad ? " amsgrad=true" : "") + attachment.settings();
    }
}
