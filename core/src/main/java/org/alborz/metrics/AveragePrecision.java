package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The average precision, {@code Σ (Rₙ − Rₙ₋₁)·Pₙ} of precision P and recall R over falling thresholds, as in scikit-learn: the area under the
 * precision-recall curve, without interpolation.
 *
 * <p>Logits are counted as {@link Auc} counts them, so it is exact where they differ by more than 1/64 and are between −16 and 16.
 */
public record AveragePrecision(MetricInputs inputs) implements Metric {
    /** Compares the model's output with its target, which is 0 or 1. */
    public AveragePrecision() {
        this(MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("average_precision");
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

    /** Returns the average; NaN without samples of target 1. */
    @Override
    public double value(double[][] sums, long samples) {
        double predicted = 0;
        double hits = 0;
        double area = 0;
        for (int bin = LogitCounts.BINS - 1; bin >= 0; bin--) {
            double positive = sums[1][bin];
            predicted += sums[0][bin] + positive;
            hits += positive;
            area += positive == 0 ? 0 : positive * hits / predicted;
        }
        return area / hits;
    }
}
