package org.alborz.optim;

import org.alborz.backend.SgdStep;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Model;
import org.alborz.ops.ApplySgd;
import org.alborz.ops.Engine;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * Stochastic gradient descent with momentum, {@code v = μ·v + g} and {@code θ −= η·v}, and Nesterov's variant, {@code θ −= η·(g + μ·v)}
 * (Sutskever et al. 2013), as PyTorch defines them.
 */
public final class Sgd extends SpanOptimizer {
    private final double momentum;
    private final boolean nesterov;

    /** Makes it with the defaults momentum 0 and weight decay 0. */
    public Sgd(double learningRate) {
        this(CommonSettings.of("Sgd", learningRate), 0, false);
    }

    private Sgd(CommonSettings common, double momentum, boolean nesterov) {
        super(common, false);
        this.momentum = Checks.share("Sgd", "momentum", momentum);
        this.nesterov = nesterov;
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException(
                    "Sgd with nesterov expects a momentum above 0, got 0; call momentum(0.9) first");
        }
    }

    /** Returns this optimizer, not yet tied to a model, with a momentum, from 0 to below 1; 0.9 is usual. */
    public Sgd momentum(double value) {
        return new Sgd(common(), value, nesterov);
    }

    /** Returns this optimizer, not yet tied to a model, with Nesterov's variant of the momentum, which is set before. */
    public Sgd nesterov() {
        return new Sgd(common(), momentum, true);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ. */
    public Sgd weightDecay(double value) {
        return new Sgd(common().weightDecay(value), momentum, nesterov);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public Sgd groups(ParameterGroup... groups) {
        return new Sgd(common().groups(groups), momentum, nesterov);
    }

    @Override
    public String name() {
        return "sgd";
    }

    @Override
    public void attach(Model model) {
        attachment().attach(model, momentum > 0 ? new String[] {"velocity"} : new String[0]);
    }

    @Override
    StepNumbers numbers(Span span, double rate, long step) {
        return new StepNumbers(rate, 0, 1, span.shrink(rate));
    }

    @Override
    void apply(Span span, double rate, long step, SpanNumbers numbers) {
        if (span.decoupled() && span.weightDecay() != 0) {
            shrink(span.values(), span.shrink(rate), SpanNumbers.memory(numbers));
        }
        SgdStep.Parameters p = new SgdStep.Parameters(rate, momentum, span.coupledDecay(), nesterov);
        Tensor velocity = span.stateOrNull(0);
        Engine.applyAll(new ApplySgd(p), 0, span.values(), span.gradients(), velocity, SpanNumbers.memory(numbers));
    }

    /** Multiplies values by a factor, which is the last of the numbers where there are any. */
    private static void shrink(Tensor values, double factor, Tensor numbers) {
        if (numbers == null) {
            values.update(UnaryOp.MULTIPLY, factor);
            return;
        }
        try (Scope scope = values.session().scope("decoupled weight decay")) {
            DType wide = values.dtype().accumulator();
            Tensor read = numbers.narrow(0, StepNumbers.COUNT - 1, 1).to(wide);
            values.assign(values.to(wide).mul(read.expand(values.shape())));
        }
    }

    @Override
    public String settings() {
        return "momentum=" + momentum + " weight_decay=" + common().weightDecay() + " nesterov=" + nesterov
                + attachment().settings();
    }
}
