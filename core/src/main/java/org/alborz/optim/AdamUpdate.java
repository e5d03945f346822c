package org.alborz.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.backend.AdamStep;
import org.alborz.nn.Model;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;

/** What {@link Adam} and {@link AdamW} share: two moments and the step. */
public final class AdamUpdate {
    private final String owner;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double weightDecay;
    private final boolean decoupled;
    private final Attachment attachment = new Attachment();
    private Tensor firstMoment;
    private Tensor secondMoment;

    AdamUpdate(String owner, double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled) {
        this.beta1 = Checks.share(owner, "beta1", beta1);
        this.beta2 = Checks.share(owner, "beta2", beta2);
        this.weightDecay = Checks.weightDecay(owner, weightDecay);
        this.epsilon = Checks.epsilon(owner, epsilon);
        this.decoupled = decoupled;
        this.owner = owner;
    }

    void attach(Model model, String name) {
        attachment.to(model, name);
        try {
            firstMoment = attachment.state("first_moment");
            secondMoment = attachment.state("second_moment");
            Checks.requireIn(firstMoment.dtype(), owner, "epsilon", epsilon);
            Checks.requireIn(firstMoment.dtype(), owner, "weight decay", weightDecay);
        } catch (RuntimeException | Error e) {
            detach();
            throw e;
        }
    }

    Model served() {
        return attachment.served();
    }

    void detach() {
        attachment.end();
        firstMoment = null;
        secondMoment = null;
    }

    void step(double learningRate, long step) {
        Model model = attachment.model();
        Checks.learningRate(owner, learningRate);
        Checks.step(owner, step);
        AdamStep.Parameters p =
                new AdamStep.Parameters(learningRate, beta1, beta2, epsilon, weightDecay, decoupled, step);
        Engine.applyAll(new ApplyAdam(p), 0, model.values(), model.gradients(), firstMoment, secondMoment);
    }

    Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        if (firstMoment != null) {
            state.put("first_moment", firstMoment);
            state.put("second_moment", secondMoment);
        }
        return state;
    }

    String settings() {
        return "beta1=" + beta1 + " beta2=" + beta2 + " epsilon=" + epsilon + " weight_decay=" + weightDecay;
    }
}
