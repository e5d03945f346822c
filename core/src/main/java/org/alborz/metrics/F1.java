package org.alborz.metrics;

import org.alborz.nn.TargetKind;

/**
 * The harmonic mean of precision and recall (Dice coefficient), 2·tp / (predicted + actual).
 *
 * <p>Without {@link Average} it is that of yes and no.
 */
public record F1(Average average, MetricInputs inputs) implements ClassScore {
    /** Compares the model's output with its target, which is 0 or 1. */
    public F1() {
        this(Average.binary());
    }

    /** Compares the model's output with its target. */
    public F1(Average average) {
        this(average, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named(average.named("f1"));
    }

    @Override
    public double score(double truePositives, double predicted, double actual) {
        return ClassScore.divided(2 * truePositives, predicted + actual);
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new F1(average, inputs.forTargets(kind));
    }
}
