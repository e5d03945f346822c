package org.alborz.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.TargetKind;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics give the values of scikit-learn 1.9, however the samples are cut into batches. */
class MetricsTest {
    private static final int SAMPLES = 12;
    private static final int CLASSES = 4;
    private static final int[] YES_OR_NO = {1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0};
    private static final int[] LABELS = {1, 3, 0, 1, 2, 1, 1, 0, 2, 3, 1, 0};

    private final Session session = Session.open("cpu-vector");
    private final Model model = Model.create(session, new Linear(1, 1), 1);

    @AfterEach
    void close() {
        model.close();
        session.close();
    }

    private static double logit(int i) {
        return 1.5 * Math.sin(2.1 * i) + 0.4 * Math.cos(5 * i);
    }

    private static double score(int at) {
        return Math.sin(1.3 * (at / CLASSES) + 0.7 * (at % CLASSES) * (at % CLASSES));
    }

    private static double target(int i) {
        return 1000 + 0.5 * i + Math.sin(i);
    }

    private Tensor floats(int from, int count, int each, IntToDoubleFunction value) {
        double[] values = new double[count * each];
        Arrays.setAll(values, i -> value.applyAsDouble(from * each + i));
        return session.tensor(values, each == 1 ? Shape.of(count) : Shape.of(count, each));
    }

    private Tensor ints(int from, int count, int[] values) {
        return session.tensor(Arrays.copyOfRange(values, from, from + count), Shape.of(count));
    }

    private interface Batches {
        BatchTensors of(int from, int count);
    }

    private static BatchTensors batch(Tensor output, Tensor target) {
        BatchTensors batch =
                new BatchTensors(target.shape().size(0)).field("input", output).field("target", target);
        batch.put(BatchTensors.OUTPUT, output);
        return batch;
    }

    private BatchTensors binary(int from, int count) {
        return batch(floats(from, count, 1, MetricsTest::logit).reshape(-1, 1), ints(from, count, YES_OR_NO));
    }

    private BatchTensors classes(int from, int count) {
        return batch(floats(from, count, CLASSES, MetricsTest::score), ints(from, count, LABELS));
    }

    private BatchTensors numbers(int from, int count) {
        return batch(
                floats(from, count, 1, i -> target(i) + 0.3 * Math.cos(2 * i)),
                floats(from, count, 1, MetricsTest::target));
    }

    private double value(Metric metric, int size, Batches batches) {
        try (MetricSums sums = new MetricSums(model, List.of(metric));
                Scope scope = session.scope("batches")) {
            for (int from = 0; from < SAMPLES; from += size) {
                sums.update(batches.of(from, Math.min(size, SAMPLES - from)));
            }
            return metric.value(sums.read(0), SAMPLES);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void yesOrNo(int size) {
        assertThat(value(new Auc(), size, this::binary)).isCloseTo(0.3428571428571429, within(1e-6));
        assertThat(value(new PrecisionScore(), size, this::binary)).isCloseTo(0.42857142857142855, within(1e-6));
        assertThat(value(new Recall(), size, this::binary)).isCloseTo(0.6, within(1e-6));
        assertThat(value(new F1(), size, this::binary)).isCloseTo(0.5, within(1e-6));
        assertThat(value(new Accuracy(), size, this::binary)).isCloseTo(0.5, within(1e-6));
    }

    /** Expected: average_precision_score and jaccard_score of scikit-learn 1.9.1. */
    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void averagePrecisionAndOverlap(int size) {
        assertThat(value(new AveragePrecision(), size, this::binary)).isCloseTo(0.3757142857142857, within(1e-9));
        assertThat(value(new IoU(), size, this::binary)).isCloseTo(0.3333333333333333, within(1e-9));
        assertThat(value(
                        new AveragePrecision(),
                        size,
                        (from, count) -> batch(floats(from, count, 1, i -> 3), ints(from, count, YES_OR_NO))))
                .isCloseTo(5 / 12.0, within(1e-9));
    }

    /** Expected: precision_score, recall_score, f1_score and jaccard_score of scikit-learn 1.9.1, by the same name of average. */
    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void averagesOverClasses(int size) {
        double[][] expected = {
            {0.75, 0.775, 0.7291666666666666, 0.6083333333333334},
            {0.75, 0.75, 0.75, 0.6},
            {0.8333333333333334, 0.75, 0.7569444444444445, 0.638888888888889}
        };
        List<Average> averages = List.of(Average.macro(CLASSES), Average.micro(CLASSES), Average.weighted(CLASSES));
        for (int i = 0; i < averages.size(); i++) {
            Average average = averages.get(i);
            List<Metric> metrics =
                    List.of(new PrecisionScore(average), new Recall(average), new F1(average), new IoU(average));
            for (int j = 0; j < metrics.size(); j++) {
                assertThat(value(metrics.get(j), size, this::classes))
                        .as("%s", metrics.get(j))
                        .isCloseTo(expected[i][j], within(1e-9));
            }
        }
        assertThat(new F1(Average.macro(3)).name()).isEqualTo("f1");
        assertThat(new F1(Average.micro(3)).name()).isEqualTo("f1_micro");
        assertThat(new IoU(Average.weighted(3)).name()).isEqualTo("iou_weighted");
    }

    /**
     * Expected: the definition of roc_auc_score(…, multi_class="ovr"), all pairs of a sample of the class and one of another counted in float64;
     * by logits in place of probabilities the areas of three classes would be others.
     */
    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void areaOfEachClassAgainstTheRest(int size) {
        assertThat(value(new MulticlassAuc(Average.macro(CLASSES)), size, this::classes))
                .isCloseTo(0.7875, within(1e-9));
        assertThat(value(new MulticlassAuc(Average.weighted(CLASSES)), size, this::classes))
                .isCloseTo(0.8083333333333332, within(1e-9));
        Batches certain = (from, count) -> batch(
                floats(from, count, CLASSES, at -> LABELS[at / CLASSES] == at % CLASSES ? 1e30 : -1e30),
                ints(from, count, LABELS));
        assertThat(value(new MulticlassAuc(Average.macro(CLASSES)), size, certain))
                .isEqualTo(1);
    }

    /** In float32, whose neighbours of 1 are further apart than probabilities of these logits. */
    @Test
    void areaOfAlmostCertainClasses() {
        Batches batches = (from, count) -> batch(
                floats(from, count, 2, at -> at % 2 == 0 ? 0 : YES_OR_NO[at / 2] == 1 ? 15.05 : 15)
                        .to(DType.FLOAT32),
                ints(from, count, YES_OR_NO));
        assertThat(value(new MulticlassAuc(Average.macro(2)), 5, batches)).isEqualTo(1);
    }

    @Test
    void classesWithoutSamplesHaveNoArea() {
        int[] two = {0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2};
        Batches batches =
                (from, count) -> batch(floats(from, count, CLASSES, MetricsTest::score), ints(from, count, two));
        Batches pairs = (from, count) -> batch(
                floats(from, count, 2, at -> at % 2 == 0 ? 0 : logit(at / 2)),
                ints(from, count, Arrays.stream(two).map(label -> label / 2).toArray()));
        assertThat(value(new MulticlassAuc(Average.macro(CLASSES)), 5, batches)).isBetween(0.0, 1.0);
        // Of two classes, both areas are that of yes and no.
        assertThat(value(new MulticlassAuc(Average.macro(2)), 5, pairs))
                .isCloseTo(value(new Auc(), 5, pairs), within(1e-6));
        Batches one = (from, count) ->
                batch(floats(from, count, CLASSES, MetricsTest::score), ints(from, count, new int[SAMPLES]));
        assertThat(value(new MulticlassAuc(Average.weighted(CLASSES)), 5, one)).isNaN();
        assertThat(new MulticlassAuc(Average.macro(3)).name()).isEqualTo("auc");
        assertThat(new MulticlassAuc(Average.weighted(3)).name()).isEqualTo("auc_weighted");
        assertThatThrownBy(() -> new MulticlassAuc(Average.micro(3)))
                .hasMessageContaining("Average.macro(classes) or Average.weighted(classes), got MICRO");
        assertThatThrownBy(() -> value(new MulticlassAuc(Average.macro(3)), 5, batches))
                .hasMessageContaining("auc of 3 classes expects outputs [N, 3], got");
    }

    /** Expected: the definition, computed with NumPy in float64. */
    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void calibration(int size) {
        assertThat(value(new CalibrationError(), size, this::classes)).isCloseTo(0.435529012756765, within(1e-6));
        assertThat(value(new CalibrationError(), size, this::binary)).isCloseTo(0.5164110306088433, within(1e-6));
        Batches sure = (from, count) ->
                batch(floats(from, count, 1, i -> YES_OR_NO[i] == 1 ? 100 : -100), ints(from, count, YES_OR_NO));
        assertThat(value(new CalibrationError(), size, sure)).isCloseTo(0, within(1e-6));
    }

    /** Two logits give the same as their difference. */
    @Test
    void yesOrNoByTwoLogits() {
        Batches two = (from, count) -> batch(
                floats(from, count, 2, i -> i % 2 == 0 ? -logit(i / 2) / 2 : logit(i / 2) / 2),
                ints(from, count, YES_OR_NO));
        assertThat(value(new Auc(), 5, two)).isCloseTo(0.3428571428571429, within(1e-6));
        assertThat(value(new F1(), 5, two)).isCloseTo(0.5, within(1e-6));
        assertThat(value(new Accuracy(), 5, two)).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void tiesCountHalfInTheArea() {
        Batches equal = (from, count) -> batch(floats(from, count, 1, i -> 3), ints(from, count, YES_OR_NO));
        assertThat(value(new Auc(), 5, equal)).isEqualTo(0.5);
        // Beyond the bins as well.
        Batches far = (from, count) ->
                batch(floats(from, count, 1, i -> YES_OR_NO[i] == 1 ? 1e30 : -1e30), ints(from, count, YES_OR_NO));
        assertThat(value(new Auc(), 5, far)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void severalClasses(int size) {
        assertThat(value(new PrecisionScore(Average.macro(CLASSES)), size, this::classes))
                .isCloseTo(0.75, within(1e-6));
        assertThat(value(new Recall(Average.macro(CLASSES)), size, this::classes))
                .isCloseTo(0.775, within(1e-6));
        assertThat(value(new F1(Average.macro(CLASSES)), size, this::classes))
                .isCloseTo(0.7291666666666666, within(1e-6));
        assertThat(value(new Accuracy(), size, this::classes)).isCloseTo(0.75, within(1e-6));
        assertThat(value(new TopK(1), size, this::classes)).isCloseTo(0.75, within(1e-6));
        assertThat(value(new TopK(2), size, this::classes)).isCloseTo(0.75, within(1e-6));
        assertThat(value(new TopK(3), size, this::classes)).isCloseTo(0.9166666666666666, within(1e-6));
        assertThat(value(new TopK(4), size, this::classes)).isCloseTo(1, within(1e-6));
        assertThat(value(new Confusion(CLASSES), size, this::classes)).isCloseTo(0.75, within(1e-6));
    }

    @Test
    void theConfusionMatrixHasARowForEachTrueClass() {
        try (MetricSums sums = new MetricSums(model, List.of(new Accuracy(), new Confusion(CLASSES)))) {
            sums.update(classes(0, 7));
            sums.update(classes(7, 5));
            assertThat(sums.confusion().toArray())
                    .isDeepEqualTo(new long[][] {{3, 0, 0, 0}, {0, 3, 1, 1}, {0, 0, 2, 0}, {0, 0, 1, 1}});
            assertThat(sums.confusion()).hasToString("""
                            true \\ predicted
                              | 0 1 2 3
                            0 | 3 0 0 0
                            1 | 0 3 1 1
                            2 | 0 0 2 0
                            3 | 0 0 1 1""");
            assertThat(sums.values(SAMPLES)).containsOnlyKeys("accuracy");
            sums.reset();
            assertThat(sums.confusion().total()).isZero();
        }
    }

    @Test
    void notANumberIsNoHit() {
        Batches nan = (from, count) -> batch(floats(from, count, CLASSES, i -> Double.NaN), ints(from, count, LABELS));
        assertThat(value(new TopK(2), 5, nan)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void regression(int size) {
        // The targets are near 1000, where float32 has steps of 6e-5.
        assertThat(value(new MeanAbsoluteError(), size, this::numbers)).isCloseTo(0.2005285640165463, within(1e-4));
        assertThat(value(new MeanSquaredError(), size, this::numbers)).isCloseTo(0.04873451604167913, within(1e-4));
        assertThat(value(new RootMeanSquaredError(), size, this::numbers))
                .isCloseTo(Math.sqrt(0.04873451604167913), within(1e-4));
        assertThat(value(new R2(), size, this::numbers)).isCloseTo(0.9821939503736936, within(1e-4));
    }

    @Test
    void equalTargetsHaveNoR2() {
        Batches equal = (from, count) -> batch(floats(from, count, 1, i -> i), floats(from, count, 1, i -> 7));
        Batches right = (from, count) -> batch(floats(from, count, 1, i -> 7), floats(from, count, 1, i -> 7));
        assertThat(value(new R2(), 5, equal)).isZero();
        assertThat(value(new R2(), 5, right)).isEqualTo(1);
    }

    @Test
    void perplexityCountsTokens() {
        Batches losses = (from, count) -> {
            BatchTensors batch = new BatchTensors(count).field("tokens", session.ones(Shape.of(count)));
            batch.put(BatchTensors.LOSS, session.scalar(from == 0 ? 1 : 2));
            batch.put(BatchTensors.WEIGHT, session.scalar(from == 0 ? 30 : 10));
            return batch;
        };
        assertThat(value(new Perplexity(), 6, losses)).isCloseTo(Math.exp(1.25), within(1e-5));
    }

    /** As where all targets of a batch are padding: its mean loss is NaN. */
    @Test
    void aBatchWithoutTermsCountsNothing() {
        Batches losses = (from, count) -> {
            BatchTensors batch = new BatchTensors(count).field("tokens", session.ones(Shape.of(count)));
            batch.put(BatchTensors.LOSS, session.scalar(from == 0 ? Double.NaN : 2));
            batch.put(BatchTensors.WEIGHT, session.scalar(from == 0 ? 0 : 10));
            return batch;
        };
        assertThat(value(new Perplexity(), 6, losses)).isCloseTo(Math.exp(2), within(1e-5));
        try (RunningMetrics metrics = new RunningMetrics(model, List.of())) {
            metrics.add(losses.of(0, 6));
            metrics.add(losses.of(6, 6));
            assertThat(metrics.loss()).isEqualTo(2);
        }
    }

    @Test
    void aResultOfTheObjectiveIsAveraged() {
        Batches parts = (from, count) -> {
            BatchTensors batch = new BatchTensors(count).field("x", session.ones(Shape.of(count)));
            batch.put("kl", session.scalar(from));
            return batch;
        };
        assertThat(value(new Mean("kl"), 8, parts)).isCloseTo(8 * 4 / 12.0, within(1e-6));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> value(new MeanAbsoluteError(), 12, this::classes))
                .hasMessageContainingAll("mae expects targets [12, 4]", "[12] int32");
        assertThatThrownBy(() -> value(new Confusion(3), 12, this::classes))
                .hasMessageContainingAll("3 classes", "[12, 4]");
        assertThatThrownBy(() -> value(new TopK(2), 12, this::numbers)).hasMessageContaining("logits [N, C]");
        assertThatThrownBy(() -> new TopK(0)).hasMessageContaining("at least 1, got 0");
        assertThatThrownBy(() -> Average.macro(1)).hasMessageContaining("at least 2 classes, got 1");
        assertThatThrownBy(() -> new CalibrationError(0, MetricInputs.STANDARD))
                .hasMessageContaining("at least 1 bin, got 0");
        assertThatThrownBy(() -> new MetricSums(model, List.of(new R2(), new R2())).close())
                .hasMessageContaining("Two metrics are named 'r2'");
    }

    private static List<Metric> ofClasses() {
        return List.of(
                new Accuracy(),
                new TopK(2),
                new F1(Average.macro(CLASSES)),
                new PrecisionScore(Average.micro(CLASSES)),
                new Recall(Average.weighted(CLASSES)),
                new IoU(Average.macro(CLASSES)),
                new Confusion(CLASSES),
                new CalibrationError(5, MetricInputs.STANDARD));
    }

    /** The value of a metric over some of the samples alone. */
    private double overSome(Metric metric, int... samples) {
        try (MetricSums sums = new MetricSums(model, List.of(metric));
                Scope scope = session.scope("batches")) {
            for (int i : samples) {
                sums.update(classes(i, 1));
            }
            return metric.value(sums.read(0), samples.length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void labelsThatTheObjectiveIgnoresDoNotCount(int size) {
        int[] kept = {0, 1, 2, 4, 5, 8, 9, 10};
        for (int ignored : new int[] {-100, 1000}) {
            int[] labels = LABELS.clone();
            for (int i : new int[] {3, 6, 7, 11}) {
                labels[i] = ignored;
            }
            for (Metric metric : ofClasses()) {
                double value = value(
                        metric.forTargets(new TargetKind(true, ignored)),
                        size,
                        (from, count) ->
                                batch(floats(from, count, CLASSES, MetricsTest::score), ints(from, count, labels)));
                assertThat(value).as(metric.name()).isCloseTo(overSome(metric, kept), within(1e-6));
            }
        }
        // A class may be what is ignored.
        int[] noZero = {0, 1, 3, 4, 5, 6, 8, 9, 10};
        for (Metric metric : ofClasses()) {
            double value = value(metric.forTargets(new TargetKind(true, 0)), size, this::classes);
            assertThat(value).as(metric.name()).isCloseTo(overSome(metric, noZero), within(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 5, 1})
    void softLabelsCountByTheLargest(int size) {
        Batches soft = (from, count) -> batch(
                floats(from, count, CLASSES, MetricsTest::score),
                floats(from, count, CLASSES, at -> LABELS[at / CLASSES] == at % CLASSES ? 0.4 : 0.2));
        for (Metric metric : ofClasses()) {
            assertThat(value(metric.forTargets(new TargetKind(true, null)), size, soft))
                    .as(metric.name())
                    .isCloseTo(value(metric, size, this::classes), within(1e-9));
        }
        // Of targets of which nothing is known each is a yes or no of its own.
        Batches several = (from, count) -> batch(
                floats(from, count, CLASSES, MetricsTest::score),
                floats(from, count, CLASSES, at -> MetricsTest.score(at) > 0 ? 1 : 0));
        assertThat(value(new Accuracy(), size, several)).isEqualTo(1);
    }

    @Test
    void onlyTheObjectivesOwnTargetIsMeant() {
        TargetKind kind = new TargetKind(true, -1);
        MetricInputs named = new MetricInputs("output", "other");
        assertThat(new Accuracy(named).forTargets(kind)).isEqualTo(new Accuracy(named));
        MetricInputs own = MetricInputs.STANDARD.of(new TargetKind(true, 7));
        assertThat(new Accuracy(own).forTargets(kind)).isEqualTo(new Accuracy(own));
        assertThat(new Accuracy().forTargets(new TargetKind(true, null)).settings())
                .isEqualTo(new Accuracy().settings())
                .isEqualTo("Accuracy[inputs=MetricInputs[output=output, target=]]");
        assertThat(new Accuracy().forTargets(kind).settings()).contains("ignored=-1");
    }
}
