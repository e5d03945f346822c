package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;

/** The mean absolute difference between outputs and targets of one shape, {@code Σ |y − ŷ| / n}. */
public record MeanAbsoluteError(MetricInputs inputs) implements Metric {
    /** Compares the model's output with its target. */
    public MeanAbsoluteError() {
        this(MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("mae");
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor difference = Differences.of(name(), inputs, batch);
        Tensor sum = difference.abs().sum();
        Metric.add(sums.get(0), sum.mul(1 / Differences.each(difference, batch)));
    }

    @Override
    public double value(double[][] sums, long samples) {
        return sums[0][0] / samples;
    }
}
