package org.alborz.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Metrics against their definitions, written out sample by sample, on outputs of every floating type, in batches of uneven sizes. */
class MetricDefinitionsTest {
    private static final int SAMPLES = 61;
    private static final int CLASSES = 5;

    private final RandomStream random = new RandomStream(21, 4);

    /** In steps of 1/64, of which every type holds these and the area tells them apart; many are equal. */
    private double[] scores(int count) {
        double[] scores = new double[count];
        Arrays.setAll(scores, i -> (random.nextInt(33) - 16) / 64.0);
        return scores;
    }

    private int[] labels(int below) {
        int[] labels = new int[SAMPLES];
        Arrays.setAll(labels, i -> random.nextInt(below));
        return labels;
    }

    private static BatchTensors batch(Session session, double[] outputs, int each, Tensor targets, int from, int to) {
        Tensor output = session.tensor(
                Arrays.copyOfRange(outputs, from * each, to * each),
                each == 1 ? Shape.of(to - from) : Shape.of(to - from, each));
        BatchTensors batch =
                new BatchTensors(to - from).field("input", output).field("target", targets.narrow(0, from, to - from));
        batch.put(BatchTensors.OUTPUT, output);
        return batch;
    }

    /** Adds batches of 1, 2, 3, … samples. */
    private static Map<String, Double> values(
            Session session, List<Metric> metrics, double[] outputs, int each, Tensor targets) {
        try (Model model = Model.create(session, new Linear(1, 1), 1);
                MetricSums sums = new MetricSums(model, metrics);
                Scope scope = session.scope("batches")) {
            int size = 1;
            for (int from = 0; from < SAMPLES; from += size++) {
                sums.update(batch(session, outputs, each, targets, from, Math.min(SAMPLES, from + size)));
            }
            return sums.values(SAMPLES);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16"})
    void ofClasses(DType type) {
        double[] scores = scores(SAMPLES * CLASSES);
        int[] labels = labels(CLASSES);
        long[] longs = Arrays.stream(labels).asLongStream().toArray();
        double right = 0;
        double amongThree = 0;
        for (int i = 0; i < SAMPLES; i++) {
            int best = best(scores, i);
            right += best == labels[i] ? 1 : 0;
            int larger = 0;
            for (int c = 0; c < CLASSES; c++) {
                larger += scores[i * CLASSES + c] > scores[i * CLASSES + labels[i]] ? 1 : 0;
            }
            amongThree += larger < 3 ? 1 : 0;
        }
        List<Metric> metrics = List.of(
                new Accuracy(),
                new TopK(3),
                new PrecisionScore(Average.macro(CLASSES)),
                new Recall(Average.macro(CLASSES)),
                new F1(Average.macro(CLASSES)));
        try (Session session = Session.builder("cpu-scalar").dtype(type).open()) {
            for (Tensor targets : List.of(session.tensor(labels), session.tensor(longs, Shape.of(SAMPLES)))) {
                Map<String, Double> values = values(session, metrics, scores, CLASSES, targets);
                assertThat(values.get("accuracy")).isCloseTo(right / SAMPLES, within(1e-6));
                assertThat(values.get("top_3_accuracy")).isCloseTo(amongThree / SAMPLES, within(1e-6));
                assertThat(values.get("precision")).isCloseTo(macro(scores, labels, 0), within(1e-6));
                assertThat(values.get("recall")).isCloseTo(macro(scores, labels, 1), within(1e-6));
                assertThat(values.get("f1")).isCloseTo(macro(scores, labels, 2), within(1e-6));
            }
        }
    }

    private static int best(double[] scores, int sample) {
        int best = 0;
        for (int c = 1; c < CLASSES; c++) {
            best = scores[sample * CLASSES + c] > scores[sample * CLASSES + best] ? c : best;
        }
        return best;
    }

    private static double macro(double[] scores, int[] labels, int which) {
        double sum = 0;
        for (int c = 0; c < CLASSES; c++) {
            double both = 0;
            double predicted = 0;
            double actual = 0;
            for (int i = 0; i < SAMPLES; i++) {
                predicted += best(scores, i) == c ? 1 : 0;
                actual += labels[i] == c ? 1 : 0;
                both += best(scores, i) == c && labels[i] == c ? 1 : 0;
            }
            sum += which == 0 ? both / predicted : which == 1 ? both / actual : 2 * both / (predicted + actual);
        }
        return sum / CLASSES;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16"})
    void ofYesOrNo(DType type) {
        double[] scores = scores(SAMPLES);
        int[] labels = labels(2);
        double above = 0;
        double pairs = 0;
        double right = 0;
        for (int i = 0; i < SAMPLES; i++) {
            right += (scores[i] > 0 ? 1 : 0) == labels[i] ? 1 : 0;
            for (int j = 0; j < SAMPLES; j++) {
                if (labels[i] == 1 && labels[j] == 0) {
                    above += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                    pairs++;
                }
            }
        }
        boolean[] truths = new boolean[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            truths[i] = labels[i] == 1;
        }
        try (Session session = Session.builder("cpu-scalar").dtype(type).open()) {
            Tensor ints = session.tensor(labels);
            for (Tensor targets : List.of(ints, ints.to(type), session.tensor(truths, Shape.of(SAMPLES)))) {
                Map<String, Double> values = values(session, List.of(new Auc(), new Accuracy()), scores, 1, targets);
                assertThat(values.get("auc")).isCloseTo(above / pairs, within(1e-6));
                assertThat(values.get("accuracy")).isCloseTo(right / SAMPLES, within(1e-6));
            }
        }
    }

    @Test
    void oneClassOnly() {
        try (Session session = Session.open("cpu-scalar")) {
            double[] scores = scores(SAMPLES);
            List<Metric> metrics = List.of(new Auc(), new PrecisionScore(), new Recall(), new F1());
            Map<String, Double> none = values(session, metrics, scores, 1, session.zeros(Shape.of(SAMPLES)));
            assertThat(none.get("auc")).isNaN();
            assertThat(none.get("precision")).isZero();
            assertThat(none.get("recall")).isZero();
            assertThat(none.get("f1")).isZero();
            assertThat(values(session, metrics, scores, 1, session.ones(Shape.of(SAMPLES)))
                            .get("precision"))
                    .isEqualTo(1);
        }
    }

    @Test
    void labelsOutOfRangeAreRefusedOrNoHit() {
        try (Session session = Session.open("cpu-scalar")) {
            double[] scores = scores(SAMPLES * CLASSES);
            for (int wrong : new int[] {-1, CLASSES, Integer.MAX_VALUE}) {
                Tensor targets = session.full(wrong, Shape.of(SAMPLES), DType.INT32);
                assertThat(values(session, List.of(new Accuracy()), scores, CLASSES, targets))
                        .containsEntry("accuracy", 0.0);
                for (Metric metric : List.of(new TopK(2), new Confusion(CLASSES), new F1(Average.macro(CLASSES)))) {
                    assertThatThrownBy(() -> values(session, List.of(metric), scores, CLASSES, targets))
                            .isInstanceOf(IndexOutOfBoundsException.class)
                            .hasMessageContainingAll("0 to " + (CLASSES - 1), "got " + wrong);
                }
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            values(session, List.of(new Accuracy()), scores, CLASSES, session.ones(Shape.of(SAMPLES))))
                    .withMessageContainingAll("int32 or int64", "float32");
        }
    }

    /** Class indices as other programs write them. */
    @Test
    void lossesTakeLongLabels() {
        try (Session session = Session.open("cpu-scalar")) {
            Tensor logits = session.tensor(scores(2 * 3 * CLASSES), Shape.of(2, 3, CLASSES));
            Tensor labels = session.tensor(new int[][] {{0, 1, 2}, {3, 4, 0}});
            Tensor longs = labels.to(DType.INT64);
            for (Loss loss : List.of(
                    Loss.crossEntropy(),
                    Loss.crossEntropy().ignoreIndex(4),
                    Loss.crossEntropy().classWeights(1, 2, 3, 4, 5))) {
                assertThat(loss.of(logits, longs).item())
                        .isEqualTo(loss.of(logits, labels).item());
            }
        }
    }
}
