package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.nn.Targets;
import org.alborz.ops.Engine;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The expected calibration error (Naeini et al. 2015; Guo et al. 2017), {@code Σ (nᵢ / n)·|accuracyᵢ − confidenceᵢ|} over bins of equal width of
 * the confidence: of logits {@code [N, …, C]} against classes {@code [N, …]} the largest softmax and whether its class is right; of one
 * logit for each target of 0 or 1 the sigmoid and the target.
 *
 * @param bins how many there are; 15 is usual
 */
public record CalibrationError(int bins, MetricInputs inputs) implements Metric {
    public CalibrationError {
        if (bins < 1) {
            throw new IllegalArgumentException("CalibrationError expects at least 1 bin, got " + bins);
        }
    }

    /** Compares the model's output with its target, in 15 bins. */
    public CalibrationError() {
        this(15, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("calibration_error");
    }

    /** Returns by bin how many there are, and the sums of their confidences and of whether they are right. */
    @Override
    public List<Shape> sums() {
        return List.of(Shape.of(bins), Shape.of(bins), Shape.of(bins));
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor output = inputs.output(batch);
        Tensor target = inputs.target(batch);
        Tensor confidence;
        Tensor right;
        Tensor weights = null;
        boolean soft = inputs.kind().isClass() && ClassLabels.areProbabilities(output, target);
        if (!soft && Targets.alike(output.shape(), target.shape())) {
            BinaryScores scores = BinaryScores.of(name(), inputs, batch);
            confidence = scores.logits().sigmoid();
            right = scores.targets();
        } else {
            ClassLabels labels = ClassLabels.of(inputs, batch);
            DType type = output.dtype().accumulator();
            confidence = output.to(type).softmax().max(false, -1).reshape(-1);
            right = output.argMax(-1)
                    .eq(labels.labels().to(DType.INT32))
                    .to(type)
                    .reshape(-1);
            weights = labels.weights(type);
        }
        Tensor bin = confidence.mul(bins).minimum(bins - 0.5).to(DType.INT32);
        add(sums.get(0), weights == null ? confidence.mul(0).add(1) : weights, bin);
        add(sums.get(1), weights == null ? confidence : confidence.mul(weights), bin);
        add(sums.get(2), weights == null ? right : right.mul(weights), bin);
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new CalibrationError(bins, inputs.forTargets(kind));
    }

    private void add(Tensor sum, Tensor values, Tensor bin) {
        Metric.add(sum, Engine.apply(new ScatterAdd(0, bins), values, bin));
    }

    /** Returns the error; NaN before the first sample. */
    @Override
    public double value(double[][] sums, long samples) {
        double total = 0;
        double error = 0;
        for (int i = 0; i < bins; i++) {
            total += sums[0][i];
            error += Math.abs(sums[2][i] - sums[1][i]);
        }
        return error / total;
    }
}
