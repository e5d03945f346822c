package org.alborz.optim;

import java.util.Map;
import org.alborz.backend.SgdStep;
import org.alborz.nn.Model;
import org.alborz.ops.ApplySgd;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;

/** Stochastic gradient descent with momentum and Nesterov's variant (Sutskever et al. 2013), as PyTorch defines them. */
public final class Sgd implements Optimizer {
    private final double learningRate;
    private final double momentum;
    private final double weightDecay;
    private final boolean nesterov;
    private final Attachment attachment = new Attachment();
    private Tensor velocity;

    /** Makes plain gradient descent. */
    public Sgd(double learningRate) {
        this(learningRate, 0, 0, false);
    }

    /**
     * Makes gradient descent with momentum.
     *
     * @param momentum in [0, 1); 0.9 is usual
     * @param weightDecay added to the gradient as λθ
     * @param nesterov looks ahead; needs a momentum
     */
    public Sgd(double learningRate, double momentum, double weightDecay, boolean nesterov) {
        this.learningRate = Checks.learningRate("Sgd", learningRate);
        this.momentum = Checks.share("Sgd", "momentum", momentum);
        this.weightDecay = Checks.weightDecay("Sgd", weightDecay);
        this.nesterov = nesterov;
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("Sgd with nesterov expects a momentum above 0, got 0");
        }
    }

    @Override
    public String name() {
        return "sgd";
    }

    @Override
    public double learningRate() {
        return learningRate;
    }

    @Override
    public void attach(Model model) {
        attachment.to(model, name());
        try {
            Checks.requireIn(model.values().dtype().accumulator(), "Sgd", "weight decay", weightDecay);
            velocity = momentum > 0 ? attachment.state("velocity") : null;
        } catch (RuntimeException | Error e) {
            detach();
            throw e;
        }
    }

    @Override
    public Model model() {
        return attachment.served();
    }

    @Override
    public void detach() {
        attachment.end();
        velocity = null;
    }

    @Override
    public void step(double rate, long step) {
        Model model = attachment.model();
        Checks.learningRate("Sgd", rate);
        Checks.step("Sgd", step);
        SgdStep.Parameters p = new SgdStep.Parameters(rate, momentum, weightDecay, nesterov);
        Engine.applyAll(new ApplySgd(p), 0, model.values(), model.gradients(), velocity);
    }

    @Override
    public Map<String, Tensor> state() {
        return velocity == null ? Map.of() : Map.of("velocity", velocity);
    }

    @Override
    public String settings() {
        return "momentum=" + momentum + " weight_decay=" + weightDecay + " nesterov=" + nesterov;
    }
}
