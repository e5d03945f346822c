package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.ops.Engine;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * How many samples of targets 0 and 1 have which logit, which curves over all thresholds are made of: in bins of width 1/64 between −16 and
 * 16, of which the last hold what is beyond. Logits of one bin count as equal.
 */
final class LogitCounts {
    static final int BINS = 2049;
    private static final double LARGEST = 16;
    private static final double BINS_PER_UNIT = 64;

    private LogitCounts() {}

    /** Returns the shapes of the counts by bin, from the smallest logit, of targets 0 and of targets 1. */
    static List<Shape> sums() {
        return List.of(Shape.of(BINS), Shape.of(BINS));
    }

    static void update(String metric, MetricInputs inputs, BatchTensors batch, List<Tensor> sums) {
        BinaryScores scores = BinaryScores.of(metric, inputs, batch);
        Tensor bins = bins(scores.logits());
        Tensor positive = scores.targets();
        Metric.add(
                sums.get(0),
                Engine.apply(new ScatterAdd(0, BINS), positive.neg().add(1), bins));
        Metric.add(sums.get(1), Engine.apply(new ScatterAdd(0, BINS), positive, bins));
    }

    /** Returns the bin of each logit, int32 of the same shape. */
    static Tensor bins(Tensor logits) {
        return logits.maximum(-LARGEST)
                .minimum(LARGEST)
                .add(LARGEST)
                .mul(BINS_PER_UNIT)
                .add(0.5)
                .to(DType.INT32);
    }

    /**
     * Computes the area under the ROC curve from counts by bin, of which those from an index on are read; NaN without samples of both targets.
     */
    static double area(double[] negatives, double[] positives, int from) {
        double below = 0;
        double pairs = 0;
        double all = 0;
        for (int bin = from; bin < from + BINS; bin++) {
            pairs += positives[bin] * (below + negatives[bin] / 2);
            below += negatives[bin];
            all += positives[bin];
        }
        return pairs / (below * all);
    }
}
