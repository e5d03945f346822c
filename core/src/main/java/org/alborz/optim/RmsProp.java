package org.alborz.optim;

import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;

/**
 * RMSprop (Tieleman and Hinton 2012), {@code v = α·v + (1 − α)·g²} and {@code θ −= η·g / (√v + ε)}, optionally with momentum, and centered: divided by the standard deviation rather than the root mean
 * square (Graves 2013).
 */
public final class RmsProp extends RuleOptimizer {
    private final double alpha;
    private final double epsilon;
    private final double momentum;
    private final boolean centered;

    /** Makes it with the defaults α 0.99, ε 1e-8, momentum 0 and weight decay 0, not centered. */
    public RmsProp(double learningRate) {
        this(CommonSettings.of("RmsProp", learningRate), 0.99, 1e-8, 0, false);
    }

    private RmsProp(CommonSettings common, double alpha, double epsilon, double momentum, boolean centered) {
        super(common, Checks.epsilon(common.owner(), epsilon), states(momentum, centered));
        this.alpha = Checks.share(common.owner(), "alpha", alpha);
        this.epsilon = epsilon;
        this.momentum = Checks.share(common.owner(), "momentum", momentum);
        this.centered = centered;
    }

    /** Returns this optimizer, not yet tied to a model, with another share α that the averages keep at a step, from 0 to below 1. */
    public RmsProp alpha(double value) {
        return new RmsProp(common(), value, epsilon, momentum, centered);
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public RmsProp epsilon(double value) {
        return new RmsProp(common(), alpha, value, momentum, centered);
    }

    /** Returns this optimizer, not yet tied to a model, with a momentum, from 0 to below 1. */
    public RmsProp momentum(double value) {
        return new RmsProp(common(), alpha, epsilon, value, centered);
    }

    /** Returns this optimizer, not yet tied to a model, that divides by the deviation of the gradients from their average. */
    public RmsProp centered() {
        return new RmsProp(common(), alpha, epsilon, momentum, true);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ unless it is {@link #decoupled}. */
    public RmsProp weightDecay(double value) {
        return new RmsProp(common().weightDecay(value), alpha, epsilon, momentum, centered);
    }

    /** Returns this optimizer, not yet tied to a model, with its weight decay subtracted from the values as ηλθ (Loshchilov and Hutter 2019). */
    public RmsProp decoupled() {
        return new RmsProp(common().withDecoupled(), alpha, epsilon, momentum, centered);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public RmsProp groups(ParameterGroup... groups) {
        return new RmsProp(common().groups(groups), alpha, epsilon, momentum, centered);
    }

    @Override
    public String name() {
        return "rmsprop";
    }

    private static String[] states(double momentum, boolean centered) {
        if (centered) {
            return momentum > 0
                    ? new String[] {"mean_square", "mean_gradient", "velocity"}
                    : new String[] {"mean_square", "mean_gradient"};
        }
        return momentum > 0 ? new String[] {"mean_square", "velocity"} : new String[] {"mean_square"};
    }

    @Override
    UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink) {
        return parameters(rule(), rate, momentum, alpha, epsilon, decay, shrink);
    }

    private UpdateRule rule() {
        if (centered) {
            return momentum > 0 ? UpdateRule.CENTERED_RMSPROP_MOMENTUM : UpdateRule.CENTERED_RMSPROP;
        }
        return momentum > 0 ? UpdateRule.RMSPROP_MOMENTUM : UpdateRule.RMSPROP;
    }

    @Override
    String ownSettings() {
        return "alpha=" + alpha + " epsilon=" + epsilon + " momentum=" + momentum + " centered=" + centered;
    }
}
