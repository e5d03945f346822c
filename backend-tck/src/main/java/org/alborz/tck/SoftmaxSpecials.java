package org.alborz.tck;

import java.util.List;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.Engine;
import org.alborz.ops.MeanCrossEntropy;
import org.alborz.ops.SoftmaxOp;
import org.alborz.type.Shape;

/**
 * What softmax and cross-entropy give where scores are infinite or far apart. A row of which all is −∞, or one is ∞ or NaN, is NaN
 * throughout; other rows do not notice.
 */
final class SoftmaxSpecials {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double HUGE = 1e38f;
    private static final double LARGE = (float) 1e30;
    private static final int CLASSES = 3;

    private static final HostArray SCORES = HostArray.of(
            Shape.of(11, CLASSES),
            -INF,
            0,
            1,
            -INF,
            0,
            1,
            -INF,
            -INF,
            2,
            -INF,
            -INF,
            -INF,
            LARGE,
            LARGE,
            0,
            HUGE,
            -HUGE,
            0,
            1000,
            -1000,
            0,
            NAN,
            0,
            1,
            INF,
            0,
            1,
            -INF,
            200,
            -200,
            0.5,
            -1,
            2);

    private static final int[] LABELS = {1, 0, 2, 1, 0, 0, 1, 1, 0, 2, 2};

    private SoftmaxSpecials() {}

    static List<SpecialCase> softmax(boolean log) {
        HostArray scores = NormalizationEntries.logSoftmax(SCORES);
        HostArray p = scores.map(StrictMath::exp);
        HostArray dy = HostArray.uniform(91, -1, 2, SCORES.shape());
        HostArray w = SpecialCase.weights(SCORES);
        HostArray first;
        HostArray second;
        if (log) {
            HostArray sums = rowSums(dy);
            first = subtract(dy, multiply(p, sums));
            second = multiply(backward(p, w), sums).map(v -> -v);
        } else {
            first = backward(p, dy);
            // Of Σ w·y·(dy − Σ dy·y) by y.
            HostArray centred = subtract(dy, rowSums(multiply(dy, p)));
            second = backward(p, subtract(multiply(w, centred), multiply(dy, rowSums(multiply(w, p)))));
        }
        return List.of(SpecialCase.of(
                        "infinities and extremes",
                        in -> Engine.apply(new SoftmaxOp(log), in[0]),
                        log ? scores : p,
                        SCORES)
                .withGradients(dy, first)
                .withSecond(List.of(List.of(second)))
                .cancellingBelow(1));
    }

    /** Returns the gradient of scores for one of their softmax p: p·(dy − Σ dy·p). */
    private static HostArray backward(HostArray p, HostArray dy) {
        return multiply(p, subtract(dy, rowSums(multiply(dy, p))));
    }

    static List<SpecialCase> crossEntropy(double smoothing) {
        return List.of(
                crossEntropy(
                        "infinities and extremes",
                        smoothing,
                        in -> Engine.apply(new CrossEntropy(smoothing), in[0], ShapeEntries.ints(in[0], LABELS))),
                crossEntropy(
                        "infinities and extremes, composed",
                        smoothing,
                        in -> CrossEntropy.composed(in[0], ShapeEntries.ints(in[0], LABELS), smoothing)));
    }

    /** The mean is NaN, and the gradients of rows that are none are not. */
    static List<SpecialCase> meanCrossEntropy(double smoothing) {
        HostArray p = NormalizationEntries.logSoftmax(SCORES).map(StrictMath::exp);
        HostArray dy = HostArray.of(Shape.scalar(), 1.5);
        HostArray each = HostArray.of(Shape.scalar(), 1.5 / LABELS.length);
        HostArray first = multiply(subtract(p, targets(smoothing)), each);
        HostArray second = multiply(backward(p, SpecialCase.weights(SCORES)), each);
        return List.of(SpecialCase.of(
                        "infinities and extremes",
                        in -> Engine.apply(new MeanCrossEntropy(smoothing), in[0], ShapeEntries.ints(in[0], LABELS)),
                        HostArray.of(Shape.scalar(), NAN),
                        SCORES)
                .withGradients(dy, first)
                .withSecond(List.of(List.of(second)))
                .cancellingBelow(1));
    }

    private static HostArray targets(double smoothing) {
        return HostArray.compute(SCORES.shape(), i -> smoothing / CLASSES + (LABELS[i[0]] == i[1] ? 1 - smoothing : 0));
    }

    private static SpecialCase crossEntropy(String name, double smoothing, OpEntry.TensorFunction function) {
        HostArray scores = NormalizationEntries.logSoftmax(SCORES);
        HostArray p = scores.map(StrictMath::exp);
        HostArray targets = targets(smoothing);
        HostArray parts = HostArray.broadcast((t, score) -> t == 0 ? 0 : -t * score, targets, scores);
        HostArray losses = rowSums(parts).reshape(Shape.of(LABELS.length));
        // A score of NaN makes its row NaN even where it is not the label's.
        HostArray value = HostArray.compute(losses.shape(), i -> Double.isNaN(scores.at(i[0], 0)) ? NAN : losses.at(i));
        HostArray dy = HostArray.uniform(92, 0.5, 2, value.shape());
        HostArray column = dy.reshape(Shape.of(LABELS.length, 1));
        HostArray first = multiply(subtract(p, targets), column);
        HostArray second = multiply(backward(p, SpecialCase.weights(SCORES)), column);
        return SpecialCase.of(name, function, value, SCORES)
                .withGradients(dy, first)
                .withSecond(List.of(List.of(second)))
                .cancellingBelow(1);
    }

    private static HostArray rowSums(HostArray x) {
        return x.reduce(0, Double::sum, 1);
    }

    private static HostArray multiply(HostArray a, HostArray b) {
        return HostArray.broadcast((x, y) -> x * y, a, b);
    }

    private static HostArray subtract(HostArray a, HostArray b) {
        return HostArray.broadcast((x, y) -> x - y, a, b);
    }
}
