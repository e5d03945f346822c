package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

/**
 * What holds of every loss: gradients and gradients of gradients are those of differences; terms, sum and mean agree; 16 bits are computed
 * in float32.
 */
class LossPropertiesTest {
    /** Of the samples and an output to terms. */
    private static final Map<String, BiFunction<LossSamples, Tensor, Tensor>> TERMS = new LinkedHashMap<>();

    static {
        TERMS.put("cross-entropy", (s, x) -> Loss.crossEntropy().terms(x, s.labels(false)));
        TERMS.put(
                "weighted, smoothed cross-entropy",
                (s, x) -> Loss.crossEntropy(0.2).classWeights(1, 2, 0, 3).terms(x, s.labels(false)));
        TERMS.put("soft cross-entropy", (s, x) -> Loss.crossEntropy().terms(x, s.probabilities()));
        TERMS.put(
                "cross-entropy, others",
                (s, x) -> Loss.crossEntropy().smoothingOthers(0.2).terms(x, s.labels(false)));
        TERMS.put("nll", (s, x) -> Loss.nll().classWeights(1, 2, 0, 3).terms(x.logSoftmax(), s.labels(false)));
        TERMS.put(
                "binary cross-entropy",
                (s, x) -> Loss.binaryCrossEntropy().positiveWeights(1, 2, 3, 4).terms(x, s.flags()));
        TERMS.put("multi-margin", (s, x) -> Loss.multiMargin().squared().terms(x, s.labels(false)));
        TERMS.put("focal", (s, x) -> Loss.focal(1.5).terms(x, s.labels(false)));
        TERMS.put("binary focal", (s, x) -> Loss.binaryFocal(1.5, 0.3).terms(x, s.flags()));
        TERMS.put("mse", (s, x) -> Loss.mse().terms(x, s.others()));
        TERMS.put("smooth L1", (s, x) -> Loss.smoothL1(0.7).terms(x, s.others()));
        TERMS.put("KL divergence", (s, x) -> Loss.klDivergence().terms(x.logSoftmax(), s.probabilities()));
        TERMS.put("InfoNCE", (s, x) -> Loss.infoNce(0.5).terms(x, s.others()));
        TERMS.put("NT-Xent", (s, x) -> Loss.ntXent(0.5).terms(x, s.others()));
        TERMS.put(
                "Poisson",
                (s, x) ->
                        new PoissonNllLoss(true, true, 1e-8).terms(x, s.flags().mul(3)));
        TERMS.put("dice", (s, x) -> Loss.dice().terms(x.sigmoid(), s.flags()));
        TERMS.put("distillation", (s, x) -> new DistillationLoss(2, 0.5).terms(x, s.further(), s.labels(false)));
        TERMS.put("cosine", (s, x) -> new CosineEmbeddingLoss(-0.9).terms(x, s.others(), s.signs()));
        TERMS.put("triplet", (s, x) -> new TripletMarginLoss(3, 2.5, false).terms(x, s.others(), s.further()));
        TERMS.put("ranking", (s, x) -> new MarginRankingLoss(3).terms(x, s.others(), s.flags()));
        TERMS.put(
                "Gaussian",
                (s, x) -> new GaussianNllLoss()
                        .terms(s.others(), s.further(), x.square().add(0.5)));
    }

    private static double value(
            LossSamples samples, BiFunction<LossSamples, Tensor, Tensor> terms, Tensor x, int i, double h) {
        Tensor moved = x.add(0);
        Tensor element = moved.reshape(-1).narrow(0, i, 1);
        element.assign(element.add(h));
        return terms.apply(samples, moved).mean().item();
    }

    @Test
    void gradientsAreThoseOfDifferences() {
        double h = 1e-5;
        try (Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64)) {
            LossSamples samples = new LossSamples(session);
            TERMS.forEach((name, terms) -> {
                Tensor x = samples.scores().add(0.01);
                try (Tape tape = new Tape(session)) {
                    Tensor watched = tape.watch(x);
                    double[] gradient = tape.gradients(
                                    terms.apply(samples, watched).mean(), watched)
                            .of(watched)
                            .toDoubles();
                    for (int i = 0; i < gradient.length; i += 5) {
                        double difference =
                                (value(samples, terms, x, i, h) - value(samples, terms, x, i, -h)) / (2 * h);
                        assertThat(gradient[i]).as("%s, element %d", name, i).isCloseTo(difference, within(1e-8));
                    }
                }
            });
        }
    }

    @Test
    void gradientsOfGradientsAreThoseOfDifferences() {
        double h = 1e-5;
        try (Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64)) {
            LossSamples samples = new LossSamples(session);
            TERMS.forEach((name, terms) -> {
                Tensor x = samples.scores().add(0.01);
                double[] second = secondGradient(samples, terms, x);
                for (int i = 1; i < second.length; i += 11) {
                    double difference = (slope(samples, terms, x, i, h) - slope(samples, terms, x, i, -h)) / (2 * h);
                    assertThat(second[i]).as("%s, element %d", name, i).isCloseTo(difference, within(1e-7));
                }
            });
        }
    }

    /** Returns the gradient of Σ g² of the gradient g. */
    private static double[] secondGradient(
            LossSamples samples, BiFunction<LossSamples, Tensor, Tensor> terms, Tensor x) {
        try (Tape tape = new Tape(samples.session())) {
            Tensor watched = tape.watch(x);
            Gradients inner =
                    tape.differentiableGradients(terms.apply(samples, watched).mean(), watched);
            Tensor value = inner.of(watched).square().sum();
            return tape.gradients(value, watched).of(watched).toDoubles();
        }
    }

    private static double slope(
            LossSamples samples, BiFunction<LossSamples, Tensor, Tensor> terms, Tensor x, int i, double h) {
        Tensor moved = x.add(0);
        Tensor element = moved.reshape(-1).narrow(0, i, 1);
        element.assign(element.add(h));
        try (Tape tape = new Tape(samples.session())) {
            Tensor watched = tape.watch(moved);
            Tensor mean = terms.apply(samples, watched).mean();
            return tape.gradients(mean, watched).of(watched).square().sum().item();
        }
    }

    @Test
    void sixteenBitsAreComputedInFloat32() {
        try (Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT32)) {
            LossSamples samples = new LossSamples(session);
            TERMS.forEach((name, terms) -> {
                Tensor narrow = samples.scores().to(DType.BFLOAT16);
                Tensor actual = terms.apply(samples, narrow.add(0));
                double expected =
                        terms.apply(samples, narrow.to(DType.FLOAT32)).mean().item();
                assertThat(actual.dtype()).as(name).isEqualTo(DType.FLOAT32);
                assertThat(actual.mean().item())
                        .as(name)
                        .isCloseTo(expected, within(0.02 * Math.max(1, Math.abs(expected))));
            });
        }
    }

    @Test
    void meanSumAndTermsAgree() {
        try (Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT32)) {
            LossSamples samples = new LossSamples(session);
            TermLoss[] losses = {Loss.mse(), Loss.mae(), Loss.huber(1), Loss.dice(), Loss.binaryCrossEntropy()};
            for (TermLoss loss : losses) {
                Tensor terms = loss.terms(samples.scores(), samples.flags());
                assertThat(loss.sum(samples.scores(), samples.flags()).item())
                        .isCloseTo(terms.sum().item(), within(1e-5));
                assertThat(loss.of(samples.scores(), samples.flags()).item())
                        .isCloseTo(terms.mean().item(), within(1e-6));
            }
        }
    }
}
