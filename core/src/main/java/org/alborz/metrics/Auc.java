package org.alborz.metrics;

import java.util.List;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.BatchTensors;
import org.alborz.ops.Engine;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The area under the ROC curve: how likely a sample of target 1 has a larger logit than one of target 0, ties counted half.
 *
 * <p>Logits are counted on the device in {@value #BINS} bins of width 1/64 between −16 and 16, and those in one bin are taken for equal; what
 * is beyond them is counted in the last bins. So the area is off by half the share of pairs that meet in a bin and are not equal, at most,
 * and exact where logits differ by more than 1/64.
 */
public record Auc(MetricInputs inputs) implements Metric {
    private static final double LARGEST = 16;
    private static final double BINS_PER_UNIT = 64;
    static final int BINS = 2049;

    /** Compares the model's output with its target, which is 0 or 1. */
    public Auc() {
        this(MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("auc");
    }

    /** Returns the counts by bin of targets 0 and of targets 1. */
    @Override
    public List<Shape> sums() {
        return List.of(Shape.of(BINS), Shape.of(BINS));
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        BinaryScores scores = BinaryScores.of(name(), inputs, batch, sums.get(0).dtype());
        Tensor bins = scores.logits()
                .apply(UnaryOp.MAXIMUM, -LARGEST)
                .apply(UnaryOp.MINIMUM, LARGEST)
                .add(LARGEST)
                .mul(BINS_PER_UNIT)
                .add(0.5)
                .to(DType.INT32);
        Tensor positive = scores.targets();
        sums.get(0)
                .update(
                        BinaryOp.ADD,
                        Engine.apply(new ScatterAdd(0, BINS), positive.neg().add(1), bins));
        sums.get(1).update(BinaryOp.ADD, Engine.apply(new ScatterAdd(0, BINS), positive, bins));
    }

    /** Returns the area; NaN without samples of both targets. */
    @Override
    public double value(double[][] sums, long samples) {
        double below = 0;
        double pairs = 0;
        double positives = 0;
        for (int bin = 0; bin < BINS; bin++) {
            double negative = sums[0][bin];
            double positive = sums[1][bin];
            pairs += positive * (below + negative / 2);
            below += negative;
            positives += positive;
        }
        return pairs / (below * positives);
    }
}
