package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The share of what was predicted positive that is: for one logit a target of 0 or 1, positive where it is above 0, or with {@link #macro} the mean
 * over classes. What would be divided by 0 counts as 0; classes that are neither there nor predicted are left out.
 *
 * @param classes 0 for yes and no, else how many classes the mean is over
 */
public record PrecisionScore(int classes, MetricInputs inputs) implements Metric {
    public PrecisionScore {
        new ClassCounts(classes, inputs);
    }

    /** Compares the model's output with its target, which is 0 or 1. */
    public PrecisionScore() {
        this(0, MetricInputs.STANDARD);
    }

    /** Returns the mean over classes, for logits {@code [N, …, C]} and classes {@code [N, …]}. */
    public static PrecisionScore macro(int classes) {
        return new PrecisionScore(classes, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("precision");
    }

    @Override
    public List<Shape> sums() {
        return new ClassCounts(classes, inputs).sums();
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        new ClassCounts(classes, inputs).update(name(), batch, sums);
    }

    @Override
    public double value(double[][] sums, long samples) {
        return new ClassCounts(classes, inputs)
                .mean(sums, (tp, predicted, actual) -> ClassCounts.divided(tp, predicted));
    }
}
