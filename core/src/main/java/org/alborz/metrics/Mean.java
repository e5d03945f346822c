package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * The mean over samples of a number that the objective puts for each batch, {@code Σ n·x / Σ n} over batches of n samples, such as a part of its loss.
 *
 * @param name of the number in the batch, and of the metric
 */
public record Mean(String name) implements Metric {
    public Mean {
        Given.value(name, "Mean", "the name of a result");
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor value = batch.get(name).detach();
        if (value.shape().elements() != 1) {
            throw new IllegalArgumentException("The metric '" + name + "' expects a result of one element, got "
                    + value.describe() + "; reduce it with mean()");
        }
        MetricSums.add(sums.get(0), value.reshape(Shape.scalar()), batch.size());
    }

    @Override
    public double value(double[][] sums, long samples) {
        return sums[0][0] / samples;
    }
}
