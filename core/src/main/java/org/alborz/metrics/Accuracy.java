package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Targets;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * The share of right predictions: of logits {@code [N, …, C]} against classes {@code [N, …]}, the largest counts; of one logit for each
 * target of 0 or 1, its sign.
 */
public record Accuracy(MetricInputs inputs) implements Metric {
    /** Compares the model's output with its target. */
    public Accuracy() {
        this(MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("accuracy");
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor logits = inputs.output(batch);
        Tensor labels = inputs.target(batch);
        Tensor correct = sums.get(0);
        if (Targets.alike(logits.shape(), labels.shape())) {
            BinaryScores scores = BinaryScores.of(name(), inputs, batch);
            Tensor yes = scores.logits().gt(0).to(scores.targets().dtype());
            add(correct, yes.eq(scores.targets()), batch);
            return;
        }
        Classes.require(logits, labels);
        add(correct, logits.argMax(-1).eq(labels.to(DType.INT32)), batch);
    }

    /** Adds for each sample the share of its numbers that are right. */
    private static void add(Tensor correct, Tensor hits, BatchTensors batch) {
        Tensor count = hits.sum().to(correct.dtype());
        double each = (double) hits.shape().elements() / batch.size();
        Metric.add(correct, each == 1 ? count : count.mul(1 / each));
    }

    @Override
    public double value(double[][] sums, long samples) {
        return sums[0][0] / samples;
    }
}
