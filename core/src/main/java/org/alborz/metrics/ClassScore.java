package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** A score of a class by its true positives, the samples predicted as it, and those that are it. What would be divided by 0 counts as 0. */
sealed interface ClassScore extends Metric permits F1, IoU, PrecisionScore, Recall {
    Average average();

    MetricInputs inputs();

    /** Computes the score of one class. */
    double score(double truePositives, double predicted, double actual);

    /** Returns the three counts of yes and no, or the confusion matrix. */
    @Override
    default List<Shape> sums() {
        return average().kind() == Average.Kind.BINARY
                ? List.of(Shape.scalar(), Shape.scalar(), Shape.scalar())
                : confusion().sums();
    }

    private Confusion confusion() {
        return new Confusion(average().classes(), inputs());
    }

    @Override
    default void update(BatchTensors batch, List<Tensor> sums) {
        if (average().kind() != Average.Kind.BINARY) {
            confusion().update(batch, sums);
            return;
        }
        BinaryScores scores = BinaryScores.of(name(), inputs(), batch);
        Tensor predicted = scores.logits().gt(0).to(scores.targets().dtype());
        Metric.add(sums.get(0), predicted.mul(scores.targets()).sum());
        Metric.add(sums.get(1), predicted.sum());
        Metric.add(sums.get(2), scores.targets().sum());
    }

    @Override
    default double value(double[][] sums, long samples) {
        return average().kind() == Average.Kind.BINARY
                ? score(sums[0][0], sums[1][0], sums[2][0])
                : average().of(sums[0], this);
    }

    static double divided(double a, double b) {
        return b == 0 ? 0 : a / b;
    }
}
