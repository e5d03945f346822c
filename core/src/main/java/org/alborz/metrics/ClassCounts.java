package org.alborz.metrics;

import java.util.List;
import org.alborz.backend.BinaryOp;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * What precision, recall and F1 count.
 *
 * @param classes how many there are, or 0 for yes and no, of which yes counts
 */
record ClassCounts(int classes, MetricInputs inputs) {
    ClassCounts {
        if (classes < 0 || classes == 1) {
            throw new IllegalArgumentException("A macro average expects at least 2 classes, got " + classes);
        }
    }

    List<Shape> sums() {
        return classes > 0
                ? new Confusion(classes, inputs).sums()
                : List.of(Shape.scalar(), Shape.scalar(), Shape.scalar());
    }

    /** Adds true positives, predicted positives and actual positives, or the confusion matrix of several classes. */
    void update(String metric, BatchTensors batch, List<Tensor> sums) {
        if (classes > 0) {
            new Confusion(classes, inputs).update(batch, sums);
            return;
        }
        BinaryScores scores = BinaryScores.of(metric, inputs, batch, sums.get(0).dtype());
        Tensor predicted = scores.logits().gt(0).to(sums.get(0).dtype());
        sums.get(0).update(BinaryOp.ADD, predicted.mul(scores.targets()).sum());
        sums.get(1).update(BinaryOp.ADD, predicted.sum());
        sums.get(2).update(BinaryOp.ADD, scores.targets().sum());
    }

    /** A function of the three counts of one class. */
    interface Ratio {
        double of(double truePositives, double predicted, double actual);
    }

    /** Returns a ratio, or the mean of those of the classes that are predicted or there; what is divided by 0 counts as 0. */
    double mean(double[][] sums, Ratio ratio) {
        if (classes == 0) {
            return ratio.of(sums[0][0], sums[1][0], sums[2][0]);
        }
        double sum = 0;
        int counted = 0;
        for (int c = 0; c < classes; c++) {
            double predicted = 0;
            double actual = 0;
            for (int other = 0; other < classes; other++) {
                predicted += sums[0][other * classes + c];
                actual += sums[0][c * classes + other];
            }
            if (predicted + actual > 0) {
                sum += ratio.of(sums[0][c * classes + c], predicted, actual);
                counted++;
            }
        }
        return counted == 0 ? 0 : sum / counted;
    }

    static double divided(double a, double b) {
        return b == 0 ? 0 : a / b;
    }
}
