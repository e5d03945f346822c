package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.ops.Engine;
import org.alborz.ops.OneHot;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The share of samples whose class is among the k with the largest logits, {@code hits / n}: fewer than k others are larger, so ties count for it; NaN counts
 * against it. Logits {@code [N, …, C]}, classes {@code [N, …]} or their probabilities {@code [N, …, C]}; labels that the objective ignores do not count.
 */
public record TopK(int k, MetricInputs inputs) implements Metric {
    public TopK {
        if (k < 1) {
            throw new IllegalArgumentException("TopK expects a k of at least 1, got " + k);
        }
    }

    /** Compares the model's output with its target. */
    public TopK(int k) {
        this(k, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("top_" + k + "_accuracy");
    }

    @Override
    public List<Shape> sums() {
        return HitShare.sums(inputs.kind());
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        ClassLabels labels = ClassLabels.of(inputs, batch);
        Tensor logits = labels.logits();
        DType type = logits.dtype().accumulator();
        int classes = logits.shape().size(logits.shape().rank() - 1);
        Tensor scores = logits.to(type).reshape(-1, classes);
        Tensor isOwn =
                Engine.apply(new OneHot(classes, DType.BOOL), labels.labels().reshape(-1));
        Tensor own = Tensor.where(isOwn, scores, scores.session().full(0, Shape.scalar(), type))
                .sum(true, 1);
        // NaN equals nothing, so it is no hit.
        Tensor larger = scores.gt(own).to(type).sum(true, 1);
        Tensor hits = larger.lt(k).and(own.eq(own));
        Tensor counted = labels.counted() == null ? null : labels.counted().reshape(-1, 1);
        HitShare.add(hits, counted, batch, sums);
    }

    @Override
    public double value(double[][] sums, long samples) {
        return HitShare.value(sums, samples);
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new TopK(k, inputs.forTargets(kind));
    }
}
