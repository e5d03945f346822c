package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.ops.Engine;
import org.alborz.ops.OneHot;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Counts of predictions by true and predicted class, {@code c[i, j] = Σ [y = i and ŷ = j]}; {@link #matrix} gives them as a {@link ConfusionMatrix}.
 *
 * @param classes how many there are
 */
public record Confusion(int classes, MetricInputs inputs) implements Metric {
    public Confusion {
        if (classes < 1) {
            throw new IllegalArgumentException("Confusion expects at least 1 class, got " + classes);
        }
    }

    /** Compares the model's output with its target. */
    public Confusion(int classes) {
        this(classes, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("confusion");
    }

    @Override
    public List<Shape> sums() {
        return List.of(Shape.of(classes, classes));
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor logits = inputs.output(batch);
        if (logits.shape().rank() < 2 || logits.shape().size(logits.shape().rank() - 1) != classes) {
            throw new IllegalArgumentException("A confusion matrix of " + classes + " classes expects outputs [N, "
                    + classes + "], got " + logits.shape()
                    + "; build the model with one output for each class, and let the data name each of its classes");
        }
        ClassLabels labels = ClassLabels.of(inputs, batch);
        Tensor predicted = Engine.apply(
                new OneHot(classes, DType.FLOAT32), logits.argMax(-1).reshape(-1));
        Tensor weights = labels.weights(DType.FLOAT32);
        Tensor counts = weights == null ? predicted : predicted.mul(weights.reshape(-1, 1));
        Tensor trueClasses = labels.labels().reshape(-1);
        Metric.add(sums.get(0), Engine.apply(new ScatterAdd(0, classes), counts, trueClasses));
    }

    @Override
    public boolean isScalar() {
        return false;
    }

    /** Returns the share of right predictions. */
    @Override
    public double value(double[][] sums, long samples) {
        return matrix(sums).accuracy();
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new Confusion(classes, inputs.forTargets(kind));
    }

    /** Returns the counts. */
    public ConfusionMatrix matrix(double[][] sums) {
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < classes * classes; i++) {
            counts[i / classes][i % classes] = Math.round(sums[0][i]);
        }
        return ConfusionMatrix.of(counts);
    }
}
