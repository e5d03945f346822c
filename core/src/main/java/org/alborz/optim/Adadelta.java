package org.alborz.optim;

import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;

/**
 * Adadelta (Zeiler 2012): steps in proportion to the root mean square of earlier steps, {@code Δ = g·√(u + ε) / √(v + ε)} and
 * {@code θ −= η·Δ} with averages v of g² and u of Δ², so that a learning rate of 1 suits most nets.
 */
public final class Adadelta extends RuleOptimizer {
    private final double rho;
    private final double epsilon;

    /** Makes it with the defaults ρ 0.9, ε 1e-6 and weight decay 0; a learning rate of 1 is usual. */
    public Adadelta(double learningRate) {
        this(CommonSettings.of("Adadelta", learningRate), 0.9, 1e-6);
    }

    private Adadelta(CommonSettings common, double rho, double epsilon) {
        super(common, Checks.epsilon(common.owner(), epsilon), "mean_square", "mean_square_change");
        this.rho = Checks.share(common.owner(), "rho", rho);
        this.epsilon = epsilon;
    }

    /** Returns this optimizer, not yet tied to a model, with another share ρ that the averages keep at a step, from 0 to below 1. */
    public Adadelta rho(double value) {
        return new Adadelta(common(), value, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public Adadelta epsilon(double value) {
        return new Adadelta(common(), rho, value);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ unless it is {@link #decoupled}. */
    public Adadelta weightDecay(double value) {
        return new Adadelta(common().weightDecay(value), rho, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with its weight decay subtracted from the values as ηλθ (Loshchilov and Hutter 2019). */
    public Adadelta decoupled() {
        return new Adadelta(common().withDecoupled(), rho, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public Adadelta groups(ParameterGroup... groups) {
        return new Adadelta(common().groups(groups), rho, epsilon);
    }

    @Override
    public String name() {
        return "adadelta";
    }

    @Override
    UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink) {
        return parameters(UpdateRule.ADADELTA, rate, 0, rho, epsilon, decay, shrink);
    }

    @Override
    String ownSettings() {
        return "rho=" + rho + " epsilon=" + epsilon;
    }
}
