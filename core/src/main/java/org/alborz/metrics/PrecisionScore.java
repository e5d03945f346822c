package org.alborz.metrics;

import org.alborz.nn.TargetKind;

/**
 * The share of what was predicted as a class that is of it, tp / predicted.
 *
 * <p>Without {@link Average} it is that of yes and no.
 */
public record PrecisionScore(Average average, MetricInputs inputs) implements ClassScore {
    /** Compares the model's output with its target, which is 0 or 1. */
    public PrecisionScore() {
        this(Average.binary());
    }

    /** Compares the model's output with its target. */
    public PrecisionScore(Average average) {
        this(average, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named(average.named("precision"));
    }

    @Override
    public double score(double truePositives, double predicted, double actual) {
        return ClassScore.divided(truePositives, predicted);
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new PrecisionScore(average, inputs.forTargets(kind));
    }
}
