package org.alborz.optim;

import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.alborz.nn.Parameter;
import org.alborz.text.Given;

/**
 * Parameters that an optimizer updates with a learning rate or a weight decay of their own. A parameter belongs to the first group that
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
 */
public record ParameterGroup(Predicate<Parameter> parameters, double rateFactor, OptionalDouble weightDecay) {
    public ParameterGroup {
        Given.value(parameters, "A parameter group", "a predicate");
        Given.value(weightDecay, "A parameter group", "an optional weight decay");
        if (!(rateFactor >= 0) || Double.isInfinite(rateFactor)) {
            throw new IllegalArgumentException(
                    "A parameter group expects a finite rate factor of at least 0, got " + rateFactor);
        }
        weightDecay.ifPresent(value -> Checks.weightDecay("A parameter group", value));
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

    /** Returns the group of the parameters that a predicate holds for. */
    public static ParameterGroup of(Predicate<Parameter> parameters) {
        return new ParameterGroup(parameters, 1, OptionalDouble.empty());
    }

    /** Returns this group with learning rates multiplied by a factor. */
    public ParameterGroup rateFactor(double factor) {
        return new ParameterGroup(parameters, factor, weightDecay);
    }

    /** Returns this group with a weight decay of its own. */
    public ParameterGroup weightDecay(double decay) {
        return new ParameterGroup(parameters, rateFactor, OptionalDouble.of(decay));
    }
}
