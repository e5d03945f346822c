package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;

/** The square root of the mean squared difference between outputs and targets of one shape, {@code √(Σ (y − ŷ)² / n)}. */
public record RootMeanSquaredError(MetricInputs inputs) implements Metric {
    /** Compares the model's output with its target. */
    public RootMeanSquaredError() {
        this(MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("rmse");
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor difference = Differences.of(name(), inputs, batch);
        Tensor sum = difference.square().sum();
        Metric.add(sums.get(0), sum.mul(1 / Differences.each(difference, batch)));
    }

    @Override
    public double value(double[][] sums, long samples) {
        return Math.sqrt(sums[0][0] / samples);
    }
}
