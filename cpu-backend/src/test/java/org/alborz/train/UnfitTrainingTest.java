package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.alborz.backend.BackendOptions;
import org.alborz.data.ArrayDataset;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataException;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What training cannot continue with is refused before weights, statistics and counts change, and no finished work is lost. */
class UnfitTrainingTest {
    private static final Shape IMAGE = Shape.of(2, 4, 4);

    private final Session session =
            Session.open("cpu-vector", BackendOptions.defaults().withThreads(2), DType.FLOAT32);

    @AfterEach
    void close() {
        session.close();
    }

    /** Samples of small numbers; the sample {@code bad} has a label that is no class. */
    private record Numbers(int size, int classCount, Shape shape, int bad) implements Dataset {
        @Override
        public List<String> classes() {
            return IntStream.range(0, classCount).mapToObj(Integer::toString).toList();
        }

        @Override
        public List<Field> fields() {
            return List.of(
                    new Field("input", DType.FLOAT32, shape, shape.rank() == 3, Field.NONE, null),
                    Field.of("label", DType.INT32));
        }

        @Override
        public void read(int index, Sample into) {
            float[] values = into.floats(0);
            for (int i = 0; i < shape.elements(); i++) {
                values[into.at(0) + i] = (index * 7 + i * 3) % 11 * 0.1f;
            }
            into.set(1, index == bad ? 99 : index % classCount);
        }

        @Override
        public String description() {
            return size + " numbers";
        }
    }

    private static DataLoader loader(int samples, int classes, Shape shape) {
        return DataLoader.of(new Numbers(samples, classes, shape, -1), 4).build();
    }

    private static DataLoader images() {
        return loader(8, 3, IMAGE);
    }

    private Model model() {
        return Model.create(session, new Sequential(new Flatten(), new BatchNorm(32), new Linear(32, 3)), 1);
    }

    private static Map<String, String> values(Model model) {
        Map<String, String> values = new LinkedHashMap<>();
        model.parameters()
                .forEach((name, p) -> values.put(name, Arrays.toString(p.value().toFloats())));
        return values;
    }

    /** Every way of going on is refused alike and changes nothing. */
    private void assertNothingChanges(Trainer trainer, DataLoader data, String... words) {
        Map<String, String> before = values(trainer.model());
        long used = session.memory().used();
        assertThatThrownBy(() -> trainer.fit(data, 1)).hasMessageContainingAll(words);
        withBatch(data, batch -> assertThatThrownBy(() -> trainer.step(batch)).hasMessageContainingAll(words));
        assertThat(values(trainer.model())).isEqualTo(before);
        assertThat(trainer.step()).isZero();
        assertThat(trainer.epoch()).isZero();
        assertThat(session.memory().used()).isEqualTo(used);
    }

    private static void withBatch(DataLoader data, Consumer<Batch> use) {
        try (BatchIterator batches = data.epoch(0)) {
            use.accept(batches.next());
        }
    }

    @Test
    void validationDataAreLookedAtFirst() {
        Trainer trainer =
                Trainer.classifier(model(), new Adam(1e-3), Loss.crossEntropy()).build();
        Map<String, String> before = values(trainer.model());
        for (DataLoader validation :
                List.of(loader(8, 5, IMAGE), loader(8, 3, Shape.of(3, 4, 4)), loader(8, 3, Shape.of(7)))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer.fit(images(), validation, 1))
                    .withMessageContainingAll("validation data, 8 numbers");
        }
        assertThat(values(trainer.model())).isEqualTo(before);
        assertThat(trainer.fit(images(), loader(5, 3, Shape.of(32)), 1)).hasSize(1);
    }

    @Test
    void anEpochWhoseValidationFailsIsNotLost() {
        List<EpochResult> seen = new ArrayList<>();
        Trainer trainer = Trainer.classifier(model(), new Adam(1e-3), Loss.crossEntropy())
                .callback(new Callback() {
                    @Override
                    public void onEpochEnd(Trainer t, EpochResult result) {
                        seen.add(result);
                    }
                })
                .build();
        DataLoader bad = DataLoader.of(new Numbers(8, 3, IMAGE, 6), 4).build();
        DataLoader train = images();
        assertThatThrownBy(() -> trainer.fit(train, bad, 1))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("Sample 6");
        assertThat(trainer.step()).isEqualTo(2);
        Map<String, String> trained = values(trainer.model());
        List<EpochResult> results = trainer.fit(train, images(), 1);
        assertThat(results).hasSize(1).isEqualTo(seen);
        assertThat(results.get(0).loss()).isFinite();
        assertThat(results.get(0).validation()).isNotNull();
        assertThat(values(trainer.model())).isEqualTo(trained);
        assertThat(trainer.step()).isEqualTo(2);
        assertThat(trainer.fit(train, 2)).hasSize(1);
    }

    private enum BadLoss {
        MSE_OF_LABELS(Loss.mse(), "mse expects targets"),
        NOT_SCALAR((output, labels) -> output.square(), "mean() or sum()"),
        NULL((output, labels) -> null, "returned null"),
        DETACHED((output, labels) -> output.detach().square().mean(), "no gradient"),
        CONSTANT((output, labels) -> output.session().scalar(1), "no gradient");

        private final Loss loss;
        private final String words;

        BadLoss(Loss loss, String words) {
            this.loss = loss;
            this.words = words;
        }
    }

    @ParameterizedTest
    @EnumSource(BadLoss.class)
    void aLossThatCannotBeTrainedOnIsRefusedFirst(BadLoss bad) {
        assertNothingChanges(
                Trainer.classifier(model(), new Adam(1e-3), bad.loss).build(), images(), bad.words);
    }

    @Test
    void aLossOfNullIsNamedInEvaluation() {
        Model model = model();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evaluation.of(model, (output, labels) -> null, images()))
                .withMessageContaining("returned null");
    }

    @Test
    void aLossMayCompareSamples() {
        Loss pairs = (output, labels) -> {
            if (labels.shape().size(0) < 2) {
                throw new IllegalArgumentException("pairs of samples are expected");
            }
            return output.square().mean();
        };
        Trainer trainer = Trainer.classifier(model(), new Sgd(0.1), pairs).build();
        assertThat(trainer.fit(images(), images(), 1)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {2, 1, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
    void labelSmoothingIsCheckedWhenItIsGiven(double smoothing) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy(smoothing))
                .withMessageContaining("label smoothing in [0, 1), got " + smoothing);
    }

    private static Schedule schedule(DoubleSupplier factor) {
        return new Schedule() {
            @Override
            public double factor(long step) {
                return factor.getAsDouble();
            }

            @Override
            public String settings() {
                return "mine";
            }
        };
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -1, Double.POSITIVE_INFINITY, 1e300})
    void aBadLearningRateIsRefusedFirst(double factor) {
        Trainer trainer = Trainer.classifier(model(), new Sgd(1e10), Loss.crossEntropy())
                .schedule(schedule(() -> factor))
                .build();
        assertNothingChanges(trainer, images(), Double.toString(factor), "step 1", "mine");
    }

    @Test
    void aPlaceThatHasNoNextStepIsRefused() {
        Trainer trainer =
                Trainer.classifier(model(), new Sgd(0.1), Loss.crossEntropy()).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.resumeAt(Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, 0))
                .withMessageContainingAll("resumeAt", Long.toString(Long.MAX_VALUE));
        assertThat(trainer.step()).isZero();
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        Trainer trainer =
                Trainer.classifier(model(), new Sgd(0.1), Loss.crossEntropy()).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(images(), -5))
                .withMessageContaining("at least 0 epochs, got -5");
        BackendOptions options = BackendOptions.defaults();
        for (int threads : new int[] {-1, Integer.MIN_VALUE, 4097, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> options.withThreads(threads))
                    .withMessageContainingAll("0 to 4096 threads", Integer.toString(threads));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.withDevice(-1))
                .withMessageContaining("got -1");
        for (DType dtype : DType.values()) {
            if (!dtype.isFloating()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Session.open("cpu-scalar", options, dtype))
                        .withMessageContainingAll("floating", dtype.toString());
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Session.open("cpu-scalar", options, null))
                .withMessageContaining("data type, got null");
    }

    @Test
    void whatIsNotGivenIsNamed() {
        Model model = model();
        Optimizer sgd = new Sgd(0.1);
        Loss loss = Loss.crossEntropy();
        assertNull("a model", () -> Trainer.classifier(null, sgd, loss));
        assertNull("an optimizer", () -> Trainer.classifier(model, null, loss));
        assertNull("a loss", () -> Trainer.classifier(model, sgd, null));
        assertNull("a schedule", () -> Trainer.classifier(model, sgd, loss).schedule(null));
        assertNull("a callback", () -> Trainer.classifier(model, sgd, loss).callback(null));
        Trainer trainer = Trainer.classifier(model, sgd, loss).build();
        assertNull("a data loader", () -> trainer.fit(null, 1));
        assertNull("a data loader", () -> trainer.evaluate(null));
        assertNull("a batch", () -> trainer.step(null));
        assertNull("a model", () -> Evaluation.of(null, loss, images()));
        assertNull("a loss", () -> Evaluation.of(model, null, images()));
    }

    private static void assertNull(String what, Runnable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call::run)
                .withMessageContainingAll("expects " + what + ", got null");
    }

    @Test
    void aRunIsNotChangedFromWithinIt() {
        DataLoader data = images();
        Map<String, Consumer<Trainer>> calls = Map.of(
                "fit", t -> t.fit(data, 3),
                "step", t -> withBatch(data, batch -> t.step(batch)),
                "resumeAt", t -> t.resumeAt(0, 0, 0, 0, 0),
                "restartEpoch", Trainer::restartEpoch);
        calls.forEach((name, call) -> {
            int[] refused = {0};
            Consumer<Trainer> attempt = t -> {
                assertThatThrownBy(() -> call.accept(t))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll(name, "callback");
                refused[0]++;
            };
            Trainer trainer = Trainer.classifier(model(), new Adam(1e-3), Loss.crossEntropy())
                    .callback(everywhere(attempt))
                    .build();
            assertThat(trainer.fit(data, 1)).hasSize(1);
            assertThat(refused[0]).isEqualTo(1 + 2 * 2 + 2 + 1);
            assertThat(trainer.step()).isEqualTo(2);
            assertThat(trainer.epoch()).isEqualTo(1);
            assertThatThrownBy(() -> trainer.fit(data, -1)).isInstanceOf(IllegalArgumentException.class);
            withBatch(data, batch -> trainer.step(batch));
        });
    }

    private static Callback everywhere(Consumer<Trainer> action) {
        return new Callback() {
            @Override
            public void onTrainBegin(Trainer trainer) {
                action.accept(trainer);
            }

            @Override
            public void onStepEnd(Trainer trainer) {
                action.accept(trainer);
            }

            @Override
            public void afterStep(Trainer trainer) {
                action.accept(trainer);
            }

            @Override
            public void onEpochEnd(Trainer trainer, EpochResult result) {
                action.accept(trainer);
            }

            @Override
            public void afterEpoch(Trainer trainer, EpochResult result) {
                action.accept(trainer);
            }

            @Override
            public void onTrainEnd(Trainer trainer) {
                action.accept(trainer);
            }
        };
    }

    /** As image folders have them where one lacks a class: what is label 1 in one is another class in the other. */
    @Test
    void dataToEvaluateOnWithOtherClassesAreRefused() {
        Dataset other = ArrayDataset.builder()
                .field(new Field("input", DType.FLOAT32, IMAGE, true, Field.NONE, null), new float[4 * 32])
                .field("label", new int[] {0, 1, 0, 1})
                .classes("0", "2")
                .build();
        DataLoader validation = DataLoader.of(other, 4).build();
        try (Model model = model()) {
            Trainer trainer =
                    Trainer.classifier(model, new Sgd(0.1), Loss.crossEntropy()).build();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer.fit(images(), validation, 1))
                    .withMessageContainingAll(
                            "'0', '1', '2'", "'0', '2'", "label 1 means '1' in one and '2'", "empty folder");
            assertThat(trainer.step()).isZero();
            EpochResult result = trainer.fit(images(), loader(8, 2, IMAGE), 1).get(0); // fewer, but the same
            assertThat(result.validation().samples()).isEqualTo(8);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer.evaluate(validation))
                    .withMessageContaining("label 1 means");
        }
    }

    @Test
    void aCallbackThatThrowsLeavesTheTrainerFree() {
        boolean[] once = {true};
        Trainer trainer = Trainer.classifier(model(), new Adam(1e-3), Loss.crossEntropy())
                .callback(everywhere(t -> {
                    if (once[0]) {
                        once[0] = false;
                        throw new UnsupportedOperationException("mine");
                    }
                }))
                .build();
        assertThatThrownBy(() -> trainer.fit(images(), 1)).hasMessage("mine");
        assertThat(trainer.fit(images(), 1)).hasSize(1);
    }
}
