package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The area under the ROC curve: how likely a sample of target 1 has a larger logit than one of target 0, ties counted half,
 * {@code Σ ([x₁ > x₀] + [x₁ = x₀] / 2) / (n₁·n₀)} over all pairs.
 *
 * <p>{@link MulticlassAuc} is that of several classes. Logits are counted on the device in 2,049 bins of width 1/64 between −16 and 16, and those in one bin are taken for equal; what
 * is beyond them is counted in the last bins. So the area is off by half the share of pairs that meet in a bin and are not equal, at most,
 * and exact where logits differ by more than 1/64.
 */
public record Auc(MetricInputs inputs) implements Metric {
    /** Compares the model's output with its target, which is 0 or 1. */
    public Auc() {
        this(MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("auc");
    }

    /** Returns the counts by bin of targets 0 and of targets 1. */
    @Override
    public List<Shape> sums() {
        return LogitCounts.sums();
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        LogitCounts.update(name(), inputs, batch, sums);
    }

    /** Returns the area; NaN without samples of both targets. */
    @Override
    public double value(double[][] sums, long samples) {
        return LogitCounts.area(sums[0], sums[1], 0);
    }
}
