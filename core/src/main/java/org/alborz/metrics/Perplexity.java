package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.ops.Full;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * e to the mean cross-entropy of a token, {@code exp(Σ n·loss / Σ n)}, where the loss is that: batches count by {@link BatchTensors#WEIGHT}, the tokens they have, or by
 * their samples where the objective puts no weight.
 */
public record Perplexity() implements Metric {
    @Override
    public String name() {
        return "perplexity";
    }

    @Override
    public List<Shape> sums() {
        return List.of(Shape.scalar(), Shape.scalar());
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor loss = number(batch, BatchTensors.LOSS, sums);
        Tensor weight = batch.has(BatchTensors.WEIGHT)
                ? number(batch, BatchTensors.WEIGHT, sums)
                : Full.like(loss, batch.size());
        Metric.add(sums.get(0), MetricSums.weighted(loss, weight));
        Metric.add(sums.get(1), weight);
    }

    private static Tensor number(BatchTensors batch, String name, List<Tensor> sums) {
        return batch.get(name).detach().reshape(Shape.scalar()).to(sums.get(0).dtype());
    }

    @Override
    public double value(double[][] sums, long samples) {
        return Math.exp(sums[0][0] / sums[1][0]);
    }
}
