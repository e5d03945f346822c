package org.alborz.optim;

import java.util.Map;
import org.alborz.backend.SgdStep;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

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
        model.values().changedInPlace();
        model.session()
                .backend()
                .fusion(SgdStep.class)
                .ifPresentOrElse(
                        fused -> fused.step(p, model.values(), model.gradients(), velocity),
                        () -> composed(p, model.values(), model.gradients(), velocity));
    }

    /** Does what {@link SgdStep#step} says by single operations; what a backend's fusion is checked against. */
    public static void composed(SgdStep.Parameters p, Tensor value, Tensor gradient, Tensor velocity) {
        try (Scope scope = value.session().scope("sgd")) {
            DType wide = value.dtype().accumulator();
            Tensor theta = value.to(wide);
            Tensor slope = gradient.to(wide);
            Tensor g = p.weightDecay() == 0 ? slope : slope.add(theta.mul(p.weightDecay()));
            Tensor direction = g;
            if (velocity != null) {
                velocity.assign(velocity.mul(p.momentum()).add(g));
                direction = p.nesterov() ? g.add(velocity.mul(p.momentum())) : velocity;
            }
            value.assign(theta.sub(direction.mul(p.learningRate())));
        }
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
