package org.alborz.optim;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.alborz.nn.Parameter;
import org.alborz.text.Given;

/**
 * Parameters that an optimizer updates with a learning rate or a regularisation of their own. A parameter belongs to the first group that
 * takes it, and to none where no group does.
 *
 * <pre>{@code
 * new AdamW(1e-3).groups(
 *         ParameterGroup.named(name -> name.startsWith("backbone.")).rateFactor(0.1),
 *         ParameterGroup.vectors().weightDecay(0));
 * }</pre>
 *
 * @param parameters which learned parameters belong to it
 * @param rateFactor what the learning rate of each step is multiplied by, finite and at least 0
 * @param weightDecay in place of the optimizer's, if given
 * @param decoupled how it decays, in place of the optimizer's way, if given
 * @param l1 the factor λ₁ of the penalty {@code λ₁·|θ|} (Tibshirani 1996), finite and at least 0; its gradient {@code λ₁·sign(θ)} is added
 *     to the gradient
 */
public record ParameterGroup(
        Predicate<Parameter> parameters,
        double rateFactor,
        OptionalDouble weightDecay,
        Optional<Boolean> decoupled,
        double l1) {
    public ParameterGroup {
        Given.value(parameters, "A parameter group", "a predicate");
        Given.value(weightDecay, "A parameter group", "an optional weight decay");
        Given.value(decoupled, "A parameter group", "an optional way of decaying");
        if (!(rateFactor >= 0) || Double.isInfinite(rateFactor)) {
            throw new IllegalArgumentException(
                    "A parameter group expects a finite rate factor of at least 0, got " + rateFactor);
        }
        weightDecay.ifPresent(value -> Checks.weightDecay("A parameter group", value));
        Checks.penalty("A parameter group", "L1", l1);
    }

    /** Returns the group of the parameters that a predicate holds for one of whose names, such as {@code features.0.weight}. */
    public static ParameterGroup named(Predicate<String> names) {
        Given.value(names, "A parameter group", "a predicate on names");
        return of(parameter -> parameter.names().stream().anyMatch(names));
    }

    /** Returns the group of the parameters with at most one axis: biases, and the scales and shifts of normalisations. */
    public static ParameterGroup vectors() {
        return of(parameter -> parameter.shape().rank() <= 1);
    }

    /** Returns the group of all parameters that no group before it takes. */
    public static ParameterGroup all() {
        return of(parameter -> true);
    }

    /** Returns the group of the parameters that a predicate holds for. */
    public static ParameterGroup of(Predicate<Parameter> parameters) {
        return new ParameterGroup(parameters, 1, OptionalDouble.empty(), Optional.empty(), 0);
    }

    /** Returns this group with learning rates multiplied by a factor. */
    public ParameterGroup rateFactor(double factor) {
        return new ParameterGroup(parameters, factor, weightDecay, decoupled, l1);
    }

    /** Returns this group with a weight decay of its own. */
    public ParameterGroup weightDecay(double decay) {
        return new ParameterGroup(parameters, rateFactor, OptionalDouble.of(decay), decoupled, l1);
    }

    /** Returns this group with its weight decay subtracted from the values as ηλθ, or with {@code false} added to the gradient as λθ. */
    public ParameterGroup decoupled(boolean value) {
        return new ParameterGroup(parameters, rateFactor, weightDecay, Optional.of(value), l1);
    }

    /** Returns this group with an L1 penalty, which makes weights 0 or near it; with a weight decay it is an elastic net. */
    public ParameterGroup l1(double factor) {
        return new ParameterGroup(parameters, rateFactor, weightDecay, decoupled, factor);
    }

    /**
     * Returns this group with an elastic net (Zou and Hastie 2005): the gradients of {@code λ₁·|θ| + λ₂·θ²/2} are added to the gradient.
     *
     * @param first λ₁, finite and at least 0
     * @param second λ₂, likewise
     */
    public ParameterGroup elasticNet(double first, double second) {
        return l1(first).weightDecay(second).decoupled(false);
    }
}
