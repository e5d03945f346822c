package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.nn.Targets;
import org.alborz.ops.AccumulateHits;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The share of right predictions, {@code right / n}: of logits {@code [N, …, C]} against classes {@code [N, …]}, the largest counts; of one logit for each
 * target of 0 or 1, its sign. Labels that the objective ignores do not count; where it learns classes, targets {@code [N, …, C]} are their probabilities, of
 * which the largest is the label.
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
    public List<Shape> sums() {
        return HitShare.sums(inputs.kind());
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor output = inputs.output(batch);
        Tensor target = inputs.target(batch);
        boolean soft = inputs.kind().isClass() && ClassLabels.areProbabilities(output, target);
        if (!soft && Targets.alike(output.shape(), target.shape())) {
            BinaryScores scores = BinaryScores.of(name(), inputs, batch);
            Tensor yes = scores.logits().gt(0).to(scores.targets().dtype());
            HitShare.add(yes.eq(scores.targets()), null, batch, sums);
            return;
        }
        ClassLabels classes = ClassLabels.of(inputs, batch);
        if (sums.size() == 1 && classes.counted() == null) {
            double factor = HitShare.factor(classes.labels().shape(), batch);
            Engine.applyAll(new AccumulateHits(factor), 0, sums.get(0), classes.logits(), classes.labels());
            return;
        }
        Tensor hits = classes.logits().argMax(-1).eq(classes.labels().to(DType.INT32));
        HitShare.add(hits, classes.counted(), batch, sums);
    }

    @Override
    public double value(double[][] sums, long samples) {
        return HitShare.value(sums, samples);
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new Accuracy(inputs.forTargets(kind));
    }
}
