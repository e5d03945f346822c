package org.alborz.metrics;

import java.util.List;
import org.alborz.backend.BinaryOp;
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
        DType dtype = correct.dtype();
        if (Targets.alike(logits.shape(), labels.shape())) {
            BinaryScores scores = BinaryScores.of(name(), inputs, batch, dtype);
            Tensor right = scores.logits().gt(0).to(dtype).eq(scores.targets()).to(dtype);
            correct.update(
                    BinaryOp.ADD,
                    right.sum().mul((double) batch.size() / labels.shape().elements()));
            return;
        }
        Classes.require(logits, labels);
        Tensor hits = logits.argMax(-1).eq(labels.to(DType.INT32)).to(dtype);
        Tensor count = hits.sum();
        long each = labels.shape().elements() / labels.shape().size(0);
        correct.update(BinaryOp.ADD, each == 1 ? count : count.mul(1.0 / each));
    }

    @Override
    public double value(double[][] sums, long samples) {
        return sums[0][0] / samples;
    }
}
