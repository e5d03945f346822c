package org.alborz.optim;

import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.nn.Model;

/**
 * AdaGrad (Duchi, Hazan and Singer 2011): the rate of each element is divided by the root of the sum of its squared gradients so far,
 * {@code s = s + g²} and {@code θ −= η·g / (√s + ε)}.
 */
public final class Adagrad extends RuleOptimizer {
    private final double rateDecay;
    private final double initialSum;
    private final double epsilon;

    /** Makes it with the defaults rate decay 0, sums of squares that begin at 0, ε 1e-10 and weight decay 0. */
    public Adagrad(double learningRate) {
        this(CommonSettings.of("Adagrad", learningRate), 0, 0, 1e-10);
    }

    private Adagrad(CommonSettings common, double rateDecay, double initialSum, double epsilon) {
        super(common, Checks.epsilon(common.owner(), epsilon), "sum_of_squares");
        this.rateDecay = Checks.atLeastZero(common.owner(), "rate decay", rateDecay);
        this.initialSum = Checks.atLeastZero(common.owner(), "initial sum", initialSum);
        this.epsilon = epsilon;
    }

    /** Returns this optimizer, not yet tied to a model, with learning rates of step t divided by 1 + (t−1)·decay. */
    public Adagrad rateDecay(double decay) {
        return new Adagrad(common(), decay, initialSum, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with sums of squares that begin at a number of at least 0. */
    public Adagrad initialSum(double value) {
        return new Adagrad(common(), rateDecay, value, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with another ε, above 0. */
    public Adagrad epsilon(double value) {
        return new Adagrad(common(), rateDecay, initialSum, value);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, added to the gradient as λθ unless it is {@link #decoupled}. */
    public Adagrad weightDecay(double value) {
        return new Adagrad(common().weightDecay(value), rateDecay, initialSum, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with its weight decay subtracted from the values as ηλθ (Loshchilov and Hutter 2019). */
    public Adagrad decoupled() {
        return new Adagrad(common().withDecoupled(), rateDecay, initialSum, epsilon);
    }

    /** Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise. */
    public Adagrad groups(ParameterGroup... groups) {
        return new Adagrad(common().groups(groups), rateDecay, initialSum, epsilon);
    }

    @Override
    public String name() {
        return "adagrad";
    }

    @Override
    UpdateStep.Parameters parameters(double rate, long step, double decay, double shrink) {
        double falling = rate / (1 + (step - 1) * rateDecay);
        return parameters(UpdateRule.ADAGRAD, falling, 0, 0, epsilon, decay, shrink);
    }

    @Override
    String ownSettings() {
        return "rate_decay=" + rateDecay + " initial_sum=" + initialSum + " epsilon=" + epsilon;
    }

    @Override
    public void attach(Model model) {
        super.attach(model);
        state().values().forEach(sum -> sum.fill(initialSum));
    }
}
