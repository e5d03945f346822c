package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.nn.CosineEmbeddingLoss;
import org.alborz.nn.CtcLoss;
import org.alborz.nn.DistillationLoss;
import org.alborz.nn.GaussianNllLoss;
import org.alborz.nn.Loss;
import org.alborz.nn.MarginRankingLoss;
import org.alborz.nn.TripletMarginLoss;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Losses are composed of many operations, some on integers and truth values; their means and gradients are PyTorch 1.13's on every backend. */
final class LossChecks {
    private static final int SAMPLES = 12;
    private static final int[] LABELS = {1, 3, 0, 1, 2, 1, 1, 0, 2, 3, 1, 0};
    private static final int[] SIGNS = {1, -1, 1, -1, -1, 1, 1, -1, 1, -1, 1, -1};
    private static final double FLOAT32 = 2e-6;
    private static final double FLOAT64 = 1e-10;

    /** @param loss of the scores, and of a function that makes other rows */
    private record Case(String name, BiFunction<Tensor, Samples, Tensor> loss, double mean, double... gradient) {}

    private record Samples(Session session) {
        Tensor rows(IntToDoubleFunction element) {
            return make(element, SAMPLES, 4);
        }

        Tensor make(IntToDoubleFunction element, int... sizes) {
            double[] values = new double[(int) Shape.of(sizes).elements()];
            Arrays.setAll(values, element);
            return session.tensor(values, Shape.of(sizes));
        }

        Tensor scores() {
            return rows(i -> Math.sin(1.3 * (i / 4) + 0.7 * (i % 4) * (i % 4)));
        }

        Tensor others() {
            return rows(i -> Math.cos(0.9 * (i / 4) - i % 4));
        }

        Tensor further() {
            return rows(i -> Math.sin(2.9 * (i / 4) + i % 4));
        }

        Tensor soft() {
            Tensor raw = rows(i -> 1 + Math.cos(i / 4 + 2 * (i % 4)));
            return raw.div(raw.sum(true, 1));
        }

        Tensor flags() {
            return rows(i -> Math.sin(1.3 * (SAMPLES - 1 - i / 4) + 0.7 * (i % 4) * (i % 4)) > 0 ? 1 : 0);
        }

        Tensor labels() {
            return session.tensor(LABELS, Shape.of(SAMPLES));
        }

        Tensor signs() {
            return make(i -> SIGNS[i], SAMPLES);
        }

        Tensor logits() {
            return make(i -> Math.sin(0.8 * (i / 5 % 7) + 1.7 * (i % 5) + 2.3 * (i / 35)), 4, 7, 5);
        }

        Tensor ints(int... values) {
            return session.tensor(values, Shape.of(values.length));
        }
    }

    private static final List<Case> CASES = List.of(
            new Case(
                    "weighted, smoothed cross-entropy",
                    (x, of) -> Loss.crossEntropy(0.1).classWeights(1, 2, 0.5, 3).of(x, of.labels()),
                    1.329618015074303,
                    0.01719671114566948,
                    -0.05736830255223942),
            new Case(
                    "soft cross-entropy",
                    (x, of) -> Loss.crossEntropy().of(x, of.soft()),
                    1.3781498390222051,
                    -0.018414518997303227,
                    0.01988682801490485),
            new Case(
                    "multi-margin",
                    (x, of) -> Loss.multiMargin().squared().margin(0.6).of(x, of.labels()),
                    0.3280526052591735,
                    0.0,
                    -0.012115435954925586),
            new Case(
                    "focal",
                    (x, of) -> Loss.focal(2).of(x, of.labels()),
                    0.5938547759573116,
                    0.013853279764852561,
                    -0.04730728619735766),
            new Case(
                    "binary focal",
                    (x, of) -> Loss.binaryFocal(1.5, Double.NaN).of(x, of.flags()),
                    0.28205977485736494,
                    -0.007511981191603947,
                    -0.0031961093114962927),
            new Case(
                    "distillation",
                    (x, of) -> new DistillationLoss(1, 1).of(x, of.soft().log(), of.labels()),
                    0.296686502361392,
                    -0.018414518997303227,
                    0.01988682801490485),
            new Case(
                    "cosine embedding",
                    (x, of) -> new CosineEmbeddingLoss(0.2).of(x, of.others(), of.signs()),
                    0.6438791180904349,
                    -0.0733743989600275,
                    -0.022437826265160585),
            new Case(
                    "triplet margin",
                    (x, of) -> new TripletMarginLoss().of(x, of.others(), of.further()),
                    1.0564092686871094,
                    -0.05179426651239491,
                    0.031901906884473315),
            new Case(
                    "margin ranking",
                    (x, of) -> new MarginRankingLoss(0.3).of(x, of.others(), of.rows(i -> 1 - i % 2 * 2)),
                    0.6094021211862302,
                    -0.020833333333333332,
                    0.020833333333333332),
            new Case(
                    "NT-Xent",
                    (x, of) -> Loss.ntXent(0.5).of(x, of.others()),
                    3.7742167934168216,
                    -0.1173065656496152,
                    -0.0463536107711061),
            new Case(
                    "Gaussian likelihood",
                    (x, of) -> new GaussianNllLoss()
                            .of(x, of.others(), of.further().square().add(1)),
                    0.5343890023590864,
                    -0.020833333333333332,
                    0.0012674535856429907),
            new Case(
                    "dice",
                    (x, of) -> Loss.dice()
                            .of(x.sigmoid().reshape(2, 2, 3, 4), of.flags().reshape(2, 2, 3, 4)),
                    0.4002999483887609,
                    -0.0058133372625329555,
                    -0.005249572913789875));

    private final Sessions sessions;

    LossChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (Case each : CASES) {
                tests.add(dynamicTest(
                        "loss: " + each.name() + " / " + dtype,
                        () -> sessions.run(dtype, session -> check(session, each, new Samples(session).scores()))));
            }
            tests.add(dynamicTest(
                    "loss: temporal classification / " + dtype, () -> sessions.run(dtype, LossChecks::alignments)));
        }
        return tests.stream();
    }

    private static void check(Session session, Case each, Tensor x) {
        double error = session.dtype() == DType.FLOAT64 ? FLOAT64 : FLOAT32;
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(x);
            Tensor mean = each.loss().apply(watched, new Samples(session));
            assertThat(mean.item()).isCloseTo(each.mean(), within(error * Math.max(1, each.mean())));
            double[] gradient = tape.gradients(mean, watched).of(watched).toDoubles();
            for (int i = 0; i < each.gradient().length; i++) {
                assertThat(gradient[i]).as("gradient by element %d", i).isCloseTo(each.gradient()[i], within(error));
            }
        }
    }

    private static void alignments(Session session) {
        check(
                session,
                new Case(
                        "temporal classification",
                        (x, of) -> new CtcLoss()
                                .of(
                                        x.logSoftmax(),
                                        of.ints(1, 2, 2, 3, 1, 0, 4, 4, 4, 2, 0, 0)
                                                .reshape(4, 3),
                                        of.ints(7, 5, 6, 3),
                                        of.ints(3, 2, 3, 0)),
                        2.603042102678743,
                        1.9728551232244375e-05,
                        -0.03601188446900386,
                        0.009921105522834497),
                new Samples(session).logits());
    }
}
