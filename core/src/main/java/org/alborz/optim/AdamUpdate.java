package org.alborz.optim;

import java.util.List;
import java.util.Map;
import org.alborz.backend.AdamStep;
import org.alborz.nn.Model;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** What {@link Adam} and {@link AdamW} share: two moments and the step. */
public final class AdamUpdate {
    private final String owner;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final boolean decoupled;
    private final Attachment attachment;

    AdamUpdate(
            String owner,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled,
            List<ParameterGroup> groups) {
        this.beta1 = Checks.share(owner, "beta1", beta1);
        this.beta2 = Checks.share(owner, "beta2", beta2);
        this.attachment = new Attachment(owner, weightDecay, groups);
        this.epsilon = Checks.epsilon(owner, epsilon);
        this.decoupled = decoupled;
        this.owner = owner;
    }

    AdamUpdate betas(double first, double second) {
        return with(first, second, epsilon, attachment.weightDecay(), attachment.groups());
    }

    AdamUpdate epsilon(double value) {
        return with(beta1, beta2, value, attachment.weightDecay(), attachment.groups());
    }

    AdamUpdate weightDecay(double value) {
        return with(beta1, beta2, epsilon, value, attachment.groups());
    }

    AdamUpdate with(ParameterGroup... groups) {
        return with(beta1, beta2, epsilon, attachment.weightDecay(), List.of(groups));
    }

    private AdamUpdate with(
            double first, double second, double newEpsilon, double weightDecay, List<ParameterGroup> groups) {
        return new AdamUpdate(owner, first, second, newEpsilon, weightDecay, decoupled, groups);
    }

    void attach(Model model) {
        Given.value(model, "An optimizer", "a model");
        Checks.requireIn(model.values().dtype().accumulator(), owner, "epsilon", epsilon);
        attachment.attach(model, "first_moment", "second_moment");
    }

    Model model() {
        return attachment.model();
    }

    void detach() {
        attachment.detach();
    }

    void step(double learningRate, long step) {
        List<Span> spans = attachment.spans();
        Checks.learningRate(owner, learningRate);
        Checks.step(owner, step);
        for (int i = 0; i < spans.size(); i++) {
            update(spans.get(i), learningRate, step);
        }
    }

    private void update(Span span, double learningRate, long step) {
        AdamStep.Parameters p = new AdamStep.Parameters(
                learningRate * span.rateFactor(), beta1, beta2, epsilon, span.weightDecay(), decoupled, step);
        Tensor firstMoment = span.states().get(0);
        Tensor secondMoment = span.states().get(1);
        Engine.applyAll(new ApplyAdam(p), 0, span.values(), span.gradients(), firstMoment, secondMoment);
    }

    Map<String, Tensor> state() {
        return attachment.states();
    }

    String settings() {
        return "beta1=" + beta1 + " beta2=" + beta2 + " epsilon=" + epsilon + " weight_decay="
                + attachment.weightDecay() + attachment.settings();
    }
}
