package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Losses over classes and labels give PyTorch 1.13's values and gradients. */
class ClassLossTest {
    private final Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);
    private final LossSamples samples = new LossSamples(session);

    @AfterEach
    void close() {
        session.close();
    }

    private void check(Loss loss, Tensor target, double expected, double... gradient) {
        samples.check(x -> loss.of(x, target), samples.scores(), expected, gradient);
    }

    private void check(Tensor terms, double... first) {
        double[] all = terms.toDoubles();
        for (int i = 0; i < first.length; i++) {
            assertThat(all[i]).isCloseTo(first[i], within(1e-12));
        }
    }

    @Test
    void crossEntropyWithClassWeightsAndSmoothing() {
        CrossEntropyLoss loss = Loss.crossEntropy(0.1).classWeights(1, 2, 0.5, 3);
        check(
                loss,
                samples.labels(false),
                1.329618015074303,
                0.01719671114566948,
                -0.05736830255223942,
                0.025162096910176217,
                0.015009494496393735);
        check(
                loss.ignoreIndex(-100),
                samples.labels(true),
                1.4478983877031428,
                0.026456478685645348,
                -0.08825892700344526,
                0.03871091832334802,
                0.023091529994451895);
        assertThat(loss.sum(samples.scores(), samples.labels(false)).item())
                .isCloseTo(26.592360301486064, within(1e-9));
        check(
                loss.ignoreIndex(-100).terms(samples.scores(), samples.labels(true)),
                2.0827851896134897,
                0.0,
                1.1339223333303814,
                3.9711031818994957);
    }

    @Test
    void crossEntropyWithSoftTargets() {
        Tensor soft = samples.probabilities();
        check(
                Loss.crossEntropy(),
                soft,
                1.3781498390222051,
                -0.018414518997303227,
                0.01988682801490485,
                0.015997867974780453,
                -0.01747017699238208);
        check(
                Loss.crossEntropy(0.1).classWeights(1, 2, 0.5, 3),
                soft,
                2.2144941213662253,
                -0.0036239755470831424,
                0.03340657202851817,
                0.037026500232949594,
                -0.0668090967143846);
        Tensor sequences = samples.scores().reshape(3, 4, 4);
        assertThat(Loss.crossEntropy().terms(sequences, soft.reshape(3, 4, 4)).shape())
                .isEqualTo(Shape.of(3, 4));
        assertThat(Loss.crossEntropy().weight(samples.scores(), soft)).isNull();
        assertThatThrownBy(() -> Loss.crossEntropy().ignoreIndex(0).of(samples.scores(), soft))
                .hasMessageContaining("ignoreIndex expects classes");
        assertThatThrownBy(() -> Loss.crossEntropy().of(samples.scores(), soft.reshape(4, 12)))
                .hasMessageContainingAll("[12, 4]", "[4, 12]");
    }

    /** A target of 0 leaves a class out, even if its logit is −∞. */
    @Test
    void softTargetsOfZeroLeaveInfiniteLogitsOut() {
        Tensor logits = session.tensor(new double[] {Double.NEGATIVE_INFINITY, 0, 0}, Shape.of(1, 3));
        Tensor soft = session.tensor(new double[] {0, 0.5, 0.5}, Shape.of(1, 3));
        samples.check(x -> Loss.crossEntropy().of(x, soft), logits, Math.log(2), 0, 0, 0);
    }

    @Test
    void crossEntropyWithSmoothingAmongTheOthers() {
        check(
                Loss.crossEntropy().smoothingOthers(0.1),
                samples.labels(false),
                1.1995712543609327,
                0.012888218948905433,
                -0.04516416352631797,
                0.019122092209633023,
                0.013153852367779537);
        assertThat(Loss.crossEntropy().smoothingOthers(0.1).settings())
                .isEqualTo("cross_entropy label_smoothing=0.1 by_others");
        assertThatThrownBy(() -> Loss.crossEntropy().smoothingOthers(0.8).of(samples.scores(), samples.labels(false)))
                .hasMessageContainingAll("[0, (C − 1) / C)", "0.8", "[12, 4]");
    }

    @Test
    void negativeLogLikelihood() {
        check(Loss.nll(), samples.labels(false), -0.48069769061843143, 0, -1 / 12.0, 0, 0);
        NegativeLogLikelihoodLoss weighted =
                Loss.nll().classWeights(1, 2, 0.5, 3).ignoreIndex(-100);
        check(weighted, samples.labels(true), -0.113237591586237, 0, -0.15384615384615385, 0, 0);
        check(
                weighted.terms(samples.scores(), samples.labels(true)),
                -1.288435374475382,
                0.0,
                -0.5155013718214642,
                1.987382007266929);
        assertThat(weighted.weight(samples.scores(), samples.labels(true)).item())
                .isEqualTo(13);
        assertThat(Loss.nll()
                        .ignoreIndex(7)
                        .of(
                                samples.scores(),
                                session.tensor(new int[12], Shape.of(12)).add(7))
                        .item())
                .isNaN();
        assertThatThrownBy(() -> Loss.nll().of(samples.scores(), samples.signs()))
                .hasMessageContaining("int32 or int64");
    }

    @Test
    void binaryCrossEntropyWithPositiveWeightsByClass() {
        BinaryCrossEntropyLoss loss = Loss.binaryCrossEntropy().positiveWeights(1, 2.5, 0.5, 3);
        samples.check(
                x -> loss.of(x.mul(0.7), samples.flags()),
                samples.scores(),
                0.9144835900194798,
                -0.007291666666666666,
                -0.014187189945593991,
                0.008142688361813206,
                -0.02174627006045616);
        assertThat(loss.terms(samples.scores(), samples.flags()).shape()).isEqualTo(Shape.of(12, 4));
        assertThatThrownBy(() -> loss.of(
                        samples.scores().narrow(1, 0, 2), samples.flags().narrow(1, 0, 2)))
                .hasMessageContaining("4 positive weights");
    }

    @Test
    void multiMargin() {
        Tensor labels = samples.labels(false);
        check(
                Loss.multiMargin(),
                labels,
                0.4705326438645165,
                0.020833333333333332,
                -0.0625,
                0.020833333333333332,
                0.020833333333333332);
        check(
                Loss.multiMargin().squared().margin(0.6),
                labels,
                0.3280526052591735,
                0.0,
                -0.012115435954925586,
                0.012115435954925586,
                0.0);
        check(
                Loss.multiMargin().margin(0.5).classWeights(1, 2, 0.5, 3),
                labels,
                0.541440707030162,
                0,
                -0.041666666666666664,
                0.041666666666666664,
                0);
        check(Loss.multiMargin().overClasses(), labels, 4 * 0.4705326438645165, 4 * 0.020833333333333332);
        assertThatThrownBy(() -> Loss.multiMargin().of(samples.scores().reshape(3, 4, 4), labels.reshape(3, 4)))
                .hasMessageContaining("scores [N, C]");
    }

    /** Of a class that is impossible nothing is asked, and no hinge is NaN. */
    @Test
    void multiMarginOfInfiniteScores() {
        Tensor scores = session.tensor(new double[] {0.5, Double.NEGATIVE_INFINITY, 0}, Shape.of(1, 3));
        Tensor label = session.tensor(new int[] {0}, Shape.of(1));
        samples.check(x -> Loss.multiMargin().of(x, label), scores, 0.5 / 3, -1 / 3.0, 0, 1 / 3.0);
    }

    @Test
    void focal() {
        check(
                Loss.binaryFocal(2, 0.25),
                samples.flags(),
                0.10379459391400835,
                -0.001553577058020762,
                -0.0005542681324453833,
                0.006969403808445553,
                -0.0015188364922493144);
        check(
                Loss.binaryFocal(1.5, Double.NaN),
                samples.flags(),
                0.28205977485736494,
                -0.007511981191603947,
                -0.0031961093114962927,
                0.010479423995911386,
                -0.007372618820784247);
        check(
                Loss.focal(2),
                samples.labels(false),
                0.5938547759573116,
                0.013853279764852561,
                -0.04730728619735766,
                0.01936582976764941,
                0.0140881766648557);
        assertThat(Loss.focal(0).of(samples.scores(), samples.labels(false)).item())
                .isCloseTo(
                        Loss.crossEntropy()
                                .of(samples.scores(), samples.labels(false))
                                .item(),
                        within(1e-12));
        assertThatThrownBy(() -> Loss.focal(-1)).hasMessageContaining("at least 0, got -1.0");
    }

    /** Logits that are certain give 0 or ∞, and no NaN in the gradient. */
    @Test
    void focalOfCertainLogits() {
        double infinite = Double.POSITIVE_INFINITY;
        Tensor logits = session.tensor(new double[] {infinite, -infinite, 800, -800}, Shape.of(4));
        Tensor target = session.tensor(new double[] {1, 0, 1, 0}, Shape.of(4));
        samples.check(x -> Loss.binaryFocal(0.5, 0.25).of(x, target), logits, 0, 0, 0, 0, 0);
        assertThat(Loss.binaryFocal(2, 0.25).terms(logits.neg(), target).toDoubles())
                .containsExactly(infinite, infinite, 200, 600);
    }

    @Test
    void klDivergence() {
        double[] first = {0, 0.5, 0.5, 0};
        Tensor soft = Tensor.concat(
                0,
                session.tensor(first, Shape.of(1, 4)),
                samples.probabilities().narrow(0, 1, 11));
        samples.check(
                x -> Loss.klDivergence().of(x.logSoftmax(), soft),
                samples.scores(),
                0.3048526928704771,
                0.015665996726683208,
                -0.011830830192984643,
                -0.019766796679255867,
                0.01593163014555731);
        samples.check(
                x -> Loss.klDivergence()
                        .withLogTarget()
                        .of(x.logSoftmax(), samples.probabilities().log()),
                samples.scores(),
                0.296686502361392,
                -0.018414518997303227,
                0.01988682801490485,
                0.015997867974780453,
                -0.01747017699238208);
    }

    @Test
    void distillation() {
        Tensor teacher = samples.make(
                i -> 1.7 * Math.sin(1.3 * (i / 4) + 0.7 * (3 - i % 4) * (3 - i % 4)), LossSamples.SAMPLES, 4);
        DistillationLoss loss = new DistillationLoss(3, 0.6);
        samples.check(
                x -> loss.of(x, teacher, samples.labels(false)),
                samples.scores(),
                0.8675833969334997,
                0.008141575713987704,
                -0.017710723681550012,
                0.0008198942355589333,
                0.008749253732003383);
        assertThat(loss.terms(samples.scores(), teacher, samples.labels(false)).shape())
                .isEqualTo(Shape.of(12));
        assertThatThrownBy(() -> new DistillationLoss(0, 0.5)).hasMessageContaining("temperature above 0, got 0.0");
        assertThatThrownBy(() -> new DistillationLoss(1, 1.5)).hasMessageContaining("alpha in [0, 1]");
    }
}
