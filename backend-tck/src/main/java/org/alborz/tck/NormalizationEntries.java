package org.alborz.tck;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alborz.ops.BatchNormInference;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.ops.MeanCrossEntropy;
import org.alborz.ops.Op;
import org.alborz.ops.SoftmaxOp;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Batch normalisation, softmax, cross-entropy and dropout. */
final class NormalizationEntries {
    private static final double EPSILON = 1e-3;
    private static final RandomKey KEY = new RandomKey(5, 7, 11);

    private NormalizationEntries() {}

    static List<OpEntry> all() {
        return List.of(
                batchNorm(),
                joinedBatchNorm(Activation.NONE),
                joinedBatchNorm(Activation.RELU),
                joinedBatchNorm(Activation.RELU6),
                LinearSpecials.added(fixedNormalization(Activation.NONE), 0, 1, 2),
                fixedNormalization(Activation.RELU),
                fixedNormalization(Activation.RELU6),
                softmax(false),
                softmax(true),
                crossEntropy(0),
                crossEntropy(0.125),
                meanCrossEntropy(0),
                meanCrossEntropy(0.125),
                dropout(0.5),
                dropout(0.3),
                dropout(0));
    }

    private static OpEntry batchNorm() {
        return OpEntry.of(
                        "batch norm",
                        3,
                        in -> Engine.apply(new BatchNormOp(EPSILON), in[0], in[1], in[2]),
                        in -> normalized(in[0], in[1], in[2]))
                .covering(BatchNormOp.class)
                .withContiguous(1, 2)
                .within(new Tolerance(1e-5, 1e-12, false))
                .atSpecialValues(batchNormSpecials())
                .on(batch(true, Shape.of(6, 3)), batch(true, Shape.of(2, 3, 3, 4)))
                .on(batch(false, Shape.of(2, 1)), batch(false, Shape.of(5, 17)), batch(false, Shape.of(3, 33, 7, 5)));
    }

    /** With an addend and an activation. */
    private static OpEntry joinedBatchNorm(Activation activation) {
        BatchNormOp operation = new BatchNormOp(EPSILON, activation);
        return OpEntry.of(
                        "batch norm and addend" + suffix(activation),
                        4,
                        in -> Engine.apply(operation, in[0], in[1], in[2], in[3]),
                        in -> {
                            HostArray norm = normalized(in[0], in[1], in[2]);
                            HostArray sum = HostArray.compute(in[0].shape(), i -> norm.at(i) + in[3].at(i));
                            return ConvolutionOracle.activated(activation, sum);
                        })
                .covering(BatchNormOp.class)
                .withContiguous(1, 2)
                .within(new Tolerance(1e-5, 1e-12, false))
                .atSpecialValues(batchNormSpecials(activation))
                .on(given(activation, true, Shape.of(6, 3)), given(activation, true, Shape.of(2, 3, 3, 4)))
                .on(
                        given(activation, false, Shape.of(2, 1)),
                        given(activation, false, Shape.of(5, 17)),
                        given(activation, false, Shape.of(3, 33, 7, 5)));
    }

    /** Scale and shift are converted, since statistics of a tensor of 16 bits are float32. */
    private static OpEntry fixedNormalization(Activation activation) {
        HostArray mean = HostArray.uniform(87, -1, 1, Shape.of(33));
        boolean adds = activation != Activation.NONE;
        OpEntry entry = OpEntry.of(
                        "normalization with given statistics" + (adds ? " and addend" : "") + suffix(activation),
                        adds ? 4 : 3,
                        in -> {
                            DType wide = in[0].dtype().accumulator();
                            int channels = in[0].shape().size(1);
                            Tensor given =
                                    in[0].session().tensor(Arrays.copyOf(mean.values(), channels), Shape.of(channels));
                            return Engine.apply(
                                    new BatchNormInference(activation),
                                    in[0],
                                    given.to(wide),
                                    in[1].to(wide),
                                    in[2].to(wide),
                                    adds ? in[3] : null);
                        },
                        in -> ConvolutionOracle.activated(activation, HostArray.compute(in[0].shape(), i -> {
                            double y = (in[0].at(i) - mean.at(i[1])) * in[1].at(i[1]) + in[2].at(i[1]);
                            return adds ? y + in[3].at(i) : y;
                        })))
                .covering(BatchNormInference.class)
                .withContiguous(1, 2)
                .on(
                        fixed(activation, true, Shape.of(6, 3)),
                        fixed(activation, true, Shape.of(2, 3, 3, 4)),
                        fixed(activation, true, Shape.of(0, 3, 2, 2)))
                .on(fixed(activation, false, Shape.of(5, 17)), fixed(activation, false, Shape.of(3, 33, 7, 5)));
        return adds ? entry : LinearSpecials.added(entry, 0, 1, 2);
    }

    private static String suffix(Activation activation) {
        return activation == Activation.NONE ? "" : ", " + activation.name().toLowerCase(Locale.ROOT);
    }

    private static Sample fixed(Activation activation, boolean smooth, Shape shape) {
        return activation == Activation.NONE ? batch(smooth, shape) : given(activation, smooth, shape);
    }

    /** With an addend that keeps results off the activation's corners. */
    private static Sample given(Activation activation, boolean smooth, Shape shape) {
        HostArray[] in = Arrays.copyOf(batch(smooth, shape).inputs(), 4);
        double least = activation == Activation.RELU6 ? 14 : 6;
        in[3] = HostArray.signed(88, least, least + 2, shape);
        return smooth ? Sample.smooth(in) : Sample.forward(in);
    }

    private static Sample batch(boolean smooth, Shape shape) {
        Shape channels = Shape.of(shape.size(1));
        HostArray x = HostArray.uniform(81, -1, 2, shape);
        HostArray gamma = HostArray.uniform(82, 0.5, 1.5, channels);
        HostArray beta = HostArray.uniform(83, -1, 1, channels);
        return smooth ? Sample.smooth(x, gamma, beta) : Sample.forward(x, gamma, beta);
    }

    private static HostArray normalized(HostArray x, HostArray gamma, HostArray beta) {
        int[] over = x.shape().rank() == 4 ? new int[] {0, 2, 3} : new int[] {0};
        int channels = x.shape().size(1);
        double count = (double) x.shape().elements() / channels;
        HostArray mean = x.reduce(0, Double::sum, over).map(sum -> sum / count).reshape(Shape.of(channels));
        HostArray squares = HostArray.compute(x.shape(), i -> square(x.at(i) - mean.at(i[1])));
        HostArray variance =
                squares.reduce(0, Double::sum, over).map(sum -> sum / count).reshape(Shape.of(channels));
        return HostArray.compute(
                x.shape(),
                i -> (x.at(i) - mean.at(i[1])) / Math.sqrt(variance.at(i[1]) + EPSILON) * gamma.at(i[1])
                        + beta.at(i[1]));
    }

    /** A channel with an infinity, which is NaN then, one of equal numbers, and one of great magnitude. */
    private static List<SpecialCase> batchNormSpecials() {
        double[] spread = {1, -1, -1, 1};
        HostArray x = HostArray.compute(
                Shape.of(4, 3),
                i -> i[1] == 0
                        ? (i[0] == 2 ? Double.POSITIVE_INFINITY : i[0])
                        : i[1] == 1 ? 0.5 : (float) 1e15 * spread[i[0]]);
        HostArray gamma = HostArray.vector(1, 2, 3);
        HostArray beta = HostArray.vector(1, -1, 0.5);
        HostArray dy = HostArray.of(Shape.of(4, 3), 1, 1, 1, 2, 2, 2, 3, 3, 3, 6, 6, 8);
        HostArray value = HostArray.compute(
                x.shape(),
                i -> i[1] == 0 ? Double.NaN : i[1] == 1 ? beta.at(1) : gamma.at(2) * spread[i[0]] + beta.at(2));
        // dy less its mean 3, and of the last channel less its mean 3.5 and the part along the spread, 1 of each.
        double[] last = {1 - 3.5 - 1, 2 - 3.5 + 1, 3 - 3.5 + 1, 8 - 3.5 - 1};
        HostArray dx = HostArray.compute(
                x.shape(),
                i -> i[1] == 0
                        ? Double.NaN
                        : i[1] == 1 ? 2 / Math.sqrt(EPSILON) * (dy.at(i) - 3) : 3 / (double) (float) 1e15 * last[i[0]]);
        return List.of(SpecialCase.of(
                        "infinity, constant, extreme",
                        in -> Engine.apply(new BatchNormOp(EPSILON), in[0], in[1], in[2]),
                        value,
                        x,
                        gamma,
                        beta)
                .withGradients(dy, dx, HostArray.vector(Double.NaN, 0, 4), HostArray.vector(12, 12, 14)));
    }

    /** Results below, at and between the bounds of a rectifier, NaN, and at and above the upper bound of relu6. */
    private static List<SpecialCase> batchNormSpecials(Activation activation) {
        int rows = 6;
        HostArray x = HostArray.filled(0.5, Shape.of(rows, 1));
        HostArray gamma = HostArray.vector(2);
        HostArray beta = HostArray.vector(1);
        HostArray addend = HostArray.of(x.shape(), 1, -3, -1, Double.NaN, 5, 9);
        HostArray sums = addend.map(v -> v + 1);
        HostArray dy = HostArray.of(x.shape(), 1, 2, 3, 4, 5, 6);
        HostArray kept = HostArray.compute(x.shape(), i -> {
            boolean low = activation != Activation.NONE && sums.at(i) <= 0;
            boolean high = activation == Activation.RELU6 && sums.at(i) >= 6;
            return low || high ? 0 : dy.at(i);
        });
        double sum = Arrays.stream(kept.values()).sum();
        HostArray dx = kept.map(v -> 2 / Math.sqrt(EPSILON) * (v - sum / rows));
        return List.of(SpecialCase.of(
                        "below, at, between and above the bounds, NaN",
                        in -> Engine.apply(new BatchNormOp(EPSILON, activation), in[0], in[1], in[2], in[3]),
                        ConvolutionOracle.activated(activation, sums),
                        x,
                        gamma,
                        beta,
                        addend)
                .withGradients(dy, dx, HostArray.vector(0), HostArray.vector(sum), kept));
    }

    private static double square(double x) {
        return x * x;
    }

    private static OpEntry softmax(boolean log) {
        return OpEntry.of(log ? "log softmax" : "softmax", 1, in -> Engine.apply(new SoftmaxOp(log), in[0]), in -> {
                    HostArray y = logSoftmax(in[0]);
                    return log ? y : y.map(StrictMath::exp);
                })
                .covering(SoftmaxOp.class)
                .within(new Tolerance(2e-6, 1e-13, false))
                .atSpecialValues(SoftmaxSpecials.softmax(log))
                .on(
                        scores(true, 2, Shape.of(3, 5)),
                        scores(true, 2, Shape.of(2, 3, 4)),
                        scores(true, 2, Shape.of(0, 3)))
                .on(scores(false, 2, Shape.of(1)), scores(false, 2, Shape.of(7, 17)), scores(false, 2, Shape.of(3, 70)))
                .on(
                        scores(false, 2, Shape.of(2, 1031)),
                        scores(false, 100, Shape.of(5, 33)).named("scores that would overflow"));
    }

    private static Sample scores(boolean smooth, double magnitude, Shape shape) {
        HostArray x = HostArray.uniform(84, -magnitude, magnitude, shape);
        return smooth ? Sample.smooth(x) : Sample.forward(x);
    }

    static HostArray logSoftmax(HostArray x) {
        int last = x.shape().rank() - 1;
        HostArray largest = x.reduce(Double.NEGATIVE_INFINITY, Math::max, last);
        HostArray shifted = HostArray.broadcast((a, b) -> a - b, x, largest);
        HostArray sums = shifted.map(StrictMath::exp).reduce(0, Double::sum, last);
        return HostArray.broadcast((a, sum) -> a - StrictMath.log(sum), shifted, sums);
    }

    private static OpEntry crossEntropy(double smoothing) {
        return OpEntry.of(
                        "cross-entropy" + (smoothing == 0 ? "" : " with label smoothing"),
                        1,
                        in -> narrowed(new CrossEntropy(smoothing), in[0]),
                        in -> losses(in[0], smoothing))
                .covering(CrossEntropy.class)
                .within(new Tolerance(3e-6, 1e-13, false))
                .atSpecialValues(SoftmaxSpecials.crossEntropy(smoothing))
                .on(scores(true, 2, Shape.of(3, 5)), scores(true, 2, Shape.of(0, 3)))
                .on(
                        scores(false, 2, Shape.of(1, 1)),
                        scores(false, 2, Shape.of(9, 17)),
                        scores(false, 2, Shape.of(33, 70)));
    }

    /** Losses of 16 bits are float32; the checks expect one type. */
    private static Tensor narrowed(Op losses, Tensor logits) {
        return Engine.apply(losses, logits, ShapeEntries.ints(logits, labels(logits.shape())))
                .to(logits.dtype());
    }

    private static OpEntry meanCrossEntropy(double smoothing) {
        return OpEntry.of(
                        "mean cross-entropy" + (smoothing == 0 ? "" : " with label smoothing"),
                        1,
                        in -> narrowed(new MeanCrossEntropy(smoothing), in[0]),
                        in -> mean(losses(in[0], smoothing)))
                .covering(MeanCrossEntropy.class)
                .within(new Tolerance(3e-6, 1e-13, false))
                .atSpecialValues(SoftmaxSpecials.meanCrossEntropy(smoothing))
                .on(scores(true, 2, Shape.of(3, 5)))
                .on(
                        scores(false, 2, Shape.of(0, 3)),
                        scores(false, 2, Shape.of(1, 1)),
                        scores(false, 2, Shape.of(33, 70)),
                        scores(false, 2, Shape.of(700, 3)),
                        scores(false, 2, Shape.of(3, 1031)));
    }

    private static HostArray mean(HostArray losses) {
        double sum = Arrays.stream(losses.values()).sum();
        return HostArray.of(Shape.scalar(), sum / losses.values().length);
    }

    private static int[] labels(Shape logits) {
        int[] labels = new int[logits.size(0)];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (3 * i + 1) % logits.size(1);
        }
        return labels;
    }

    private static HostArray losses(HostArray logits, double smoothing) {
        int[] labels = labels(logits.shape());
        int classes = logits.shape().size(1);
        HostArray scores = logSoftmax(logits);
        HostArray weighted = HostArray.compute(logits.shape(), i -> {
            double target = (labels[i[0]] == i[1] ? 1 - smoothing : 0) + smoothing / classes;
            return -target * scores.at(i);
        });
        return weighted.reduce(0, Double::sum, 1)
                .reshape(Shape.of(logits.shape().size(0)));
    }

    private static OpEntry dropout(double rate) {
        return OpEntry.of(
                        "dropout of " + rate,
                        1,
                        in -> Engine.apply(new DropoutOp(rate, KEY), RandomChecks.rowMajor(in[0])),
                        in -> RandomChecks.dropped(in[0], rate, KEY))
                .covering(DropoutOp.class)
                .within(Tolerance.function())
                .atSpecialValues(SelectionSpecials.dropout(rate, KEY))
                .on(Sample.smooth(HostArray.signed(85, 0.1, 2, Shape.of(3, 5, 4))))
                .on(Sample.smooth(HostArray.signed(85, 0.1, 2, Shape.of(0, 4))))
                .on(Sample.forward(HostArray.signed(86, 0.1, 2, Shape.of(1031))));
    }
}
