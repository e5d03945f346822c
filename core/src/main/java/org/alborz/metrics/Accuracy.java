package org.alborz.metrics;

import java.util.List;
import org.alborz.backend.BinaryOp;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * The share of right predictions: of logits {@code [N, …, C]} against int32 classes {@code [N, …]}, the largest counts.
 */
public record Accuracy(MetricInputs inputs) implements Metric {
    /** Compares the model's output with field 1 of the data. */
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
        Classes.require(logits, labels);
        Tensor correct = sums.get(0);
        DType dtype = correct.dtype();
        Tensor hits = logits.argMax(logits.shape().rank() - 1).to(dtype).apply(BinaryOp.EQUAL, labels.to(dtype));
        Tensor count = hits.sum();
        long each = labels.shape().elements() / labels.shape().size(0);
        correct.update(BinaryOp.ADD, each == 1 ? count : count.mul(1.0 / each));
    }

    @Override
    public double value(double[][] sums, long samples) {
        return sums[0][0] / samples;
    }
}
