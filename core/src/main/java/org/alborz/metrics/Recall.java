package org.alborz.metrics;

import org.alborz.nn.TargetKind;

/**
 * The share of what is of a class that was predicted so, tp / actual.
 *
 * <p>Without {@link Average} it is that of yes and no.
 */
public record Recall(Average average, MetricInputs inputs) implements ClassScore {
    /** Compares the model's output with its target, which is 0 or 1. */
    public Recall() {
        this(Average.binary());
    }

    /** Compares the model's output with its target. */
    public Recall(Average average) {
        this(average, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named(average.named("recall"));
    }

    @Override
    public double score(double truePositives, double predicted, double actual) {
        return ClassScore.divided(truePositives, actual);
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new Recall(average, inputs.forTargets(kind));
    }
}
