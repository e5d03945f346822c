package org.alborz.metrics;

import org.alborz.nn.TargetKind;

/**
 * Intersection over union (Jaccard index), tp / (predicted + actual − tp); its macro average is the mean IoU of segmentation.
 *
 * <p>Without {@link Average} it is that of yes and no.
 */
public record IoU(Average average, MetricInputs inputs) implements ClassScore {
    /** Compares the model's output with its target, which is 0 or 1. */
    public IoU() {
        this(Average.binary());
    }

    /** Compares the model's output with its target. */
    public IoU(Average average) {
        this(average, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named(average.named("iou"));
    }

    @Override
    public double score(double truePositives, double predicted, double actual) {
        return ClassScore.divided(truePositives, predicted + actual - truePositives);
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new IoU(average, inputs.forTargets(kind));
    }
}
