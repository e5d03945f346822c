package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** The sums of a share of hits: of the samples, or of the labels that count where some are ignored. */
final class HitShare {
    private HitShare() {}

    /** Returns the shapes of the sums. */
    static List<Shape> sums(TargetKind kind) {
        return kind.ignored() == null ? List.of(Shape.scalar()) : List.of(Shape.scalar(), Shape.scalar());
    }

    /**
     * Adds a batch: for each sample the share of its numbers that are hits.
     *
     * @param counted which of the numbers count; null where all do
     */
    static void add(Tensor hits, Tensor counted, BatchTensors batch, List<Tensor> sums) {
        Tensor sum = sums.get(0);
        if (sums.size() == 1) {
            MetricSums.add(sum, hits.sum(), factor(hits.shape(), batch));
            return;
        }
        Metric.add(sum, (counted == null ? hits : hits.and(counted)).sum());
        if (counted == null) {
            Metric.add(sums.get(1), hits.eq(hits).sum());
        } else {
            Metric.add(sums.get(1), counted.sum());
        }
    }

    /** Returns what a hit counts where each sample has as many numbers: 1 for one. */
    static double factor(Shape numbers, BatchTensors batch) {
        return numbers.elements() == 0 ? 1 : (double) batch.size() / numbers.elements();
    }

    static double value(double[][] sums, long samples) {
        return sums[0][0] / (sums.length == 1 ? samples : sums[1][0]);
    }
}
