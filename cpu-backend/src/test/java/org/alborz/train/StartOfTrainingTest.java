package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.alborz.backend.BackendOptions;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known at the start is said at the start, before anything is changed; and what training took is given back. */
class StartOfTrainingTest {
    private static final int FEATURES = 4;

    private final Session session =
            Session.open("cpu-vector", BackendOptions.defaults().withThreads(2), DType.FLOAT32);

    @AfterEach
    void close() {
        session.close();
    }

    /** Samples of four features; {@code value} gives the first of each. */
    private record Points(int size, int classCount, IntToDoubleFunction value) implements Dataset {
        @Override
        public List<Field> fields() {
            return List.of(Field.of("input", DType.FLOAT32, FEATURES), Field.of("label", DType.INT32));
        }

        @Override
        public List<String> classes() {
            return IntStream.range(0, classCount).mapToObj(Integer::toString).toList();
        }

        @Override
        public void read(int index, Sample into) {
            float[] values = into.floats(0);
            for (int i = 0; i < FEATURES; i++) {
                values[into.at(0) + i] = i == 0 ? (float) value.applyAsDouble(index) : index % (i + 2);
            }
            into.set(1, index % classCount);
        }

        @Override
        public String description() {
            return size + " points";
        }
    }

    private static DataLoader loader(int samples, int classes, int batchSize) {
        return DataLoader.of(new Points(samples, classes, i -> 0.1 * i), batchSize)
                .build();
    }

    private Trainer trainer(Layer module, Optimizer optimizer) {
        return Trainer.classifier(Model.create(session, module, 1), optimizer, Loss.crossEntropy())
                .build();
    }

    private static Layer normalised(int outputs) {
        return new Sequential(new Linear(FEATURES, 6), new BatchNorm(6), Activations.relu(), new Linear(6, outputs));
    }

    private static Map<String, List<Float>> states(Model model) {
        return model.parameters().entrySet().stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, e -> {
                    float[] values = e.getValue().value().toFloats();
                    return IntStream.range(0, values.length)
                            .mapToObj(i -> values[i])
                            .toList();
                }));
    }

    @Test
    void aBatchOfOneUnderBatchNormIsRefusedAtTheStart() {
        Trainer trainer = trainer(normalised(3), new Adam(1e-3));
        Map<String, List<Float>> before = states(trainer.model());
        long used = session.memory().used();
        assertThatThrownBy(() -> trainer.fit(loader(13, 3, 4), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("13 samples in batches of 4", "one sample", "dropLast(true)", "batch size");
        assertThat(trainer.step()).isZero();
        assertThat(states(trainer.model())).isEqualTo(before);
        assertThat(session.memory().used()).isEqualTo(used);
        DataLoader whole =
                DataLoader.of(new Points(13, 3, i -> i), 4).dropLast(true).build();
        assertThat(trainer.fit(whole, 1)).hasSize(1);
        assertThat(trainer.fit(loader(12, 3, 4), 2)).hasSize(1);
    }

    @Test
    void aBatchOfOneIsNoFaultForEvaluationOrOtherModels() {
        Trainer trainer = trainer(normalised(3), new Sgd(0.1));
        trainer.fit(loader(12, 3, 4), loader(13, 3, 4), 1);
        assertThat(trainer.evaluate(loader(13, 3, 4)).confusion().total()).isEqualTo(13);
        assertThat(trainer(new Linear(FEATURES, 3), new Sgd(0.1)).fit(loader(13, 3, 4), 1))
                .hasSize(1);
    }

    @Test
    void theCheckLeavesTheRunningStatisticsAlone() {
        Layer spatial = new Sequential(new BatchNorm(FEATURES), new Linear(FEATURES, 3));
        Model model = Model.create(session, spatial, 1);
        Map<String, List<Float>> before = states(model);
        Trainer trainer =
                Trainer.classifier(model, new Adam(1), Loss.crossEntropy()).build();
        assertThatThrownBy(() -> trainer.fit(loader(1, 1, 1), 1)).hasMessageContaining("one sample");
        trainer.fit(loader(12, 3, 4), 0);
        assertThat(states(model)).isEqualTo(before);
    }

    @Test
    void moreClassesThanOutputsAreRefusedAtTheStart() {
        Trainer trainer = trainer(normalised(3), new Adam(1e-3));
        Map<String, List<Float>> before = states(trainer.model());
        assertThatThrownBy(() -> trainer.fit(loader(12, 4, 4), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("12 points", "4 classes", "outputs for 3");
        assertThat(states(trainer.model())).isEqualTo(before);
        assertThat(trainer.fit(loader(12, 2, 4), 1)).hasSize(1);
    }

    @Test
    void aBadLabelIsRefusedBeforeAnythingChanges() {
        Trainer trainer = trainer(normalised(3), new Adam(1e-3));
        Map<String, List<Float>> before = states(trainer.model());
        DataLoader loader = loader(12, 5, 6);
        try (BatchIterator batches = loader.epoch(0)) {
            Batch batch = batches.next();
            assertThatThrownBy(() -> trainer.step(batch))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("Sample 3 has the label 3", "expected 0 to 2");
        }
        assertThat(trainer.step()).isZero();
        assertThat(states(trainer.model())).isEqualTo(before);
    }

    @Test
    void aLossOfOnesOwnTakesAnyLabel() {
        Model model = Model.create(session, new Linear(FEATURES, 1), 1);
        Loss loss = (output, labels) ->
                output.sub(labels.to(DType.FLOAT32).reshape(-1, 1)).square().mean();
        assertThat(Trainer.classifier(model, new Sgd(1e-4), loss).build().fit(loader(12, 5, 4), 1))
                .hasSize(1);
    }

    @Test
    void anEpochIsNotFinishedOnOtherData() {
        Trainer trainer = Trainer.classifier(
                        Model.create(session, normalised(3), 1), new Adam(1e-3), Loss.crossEntropy())
                .callback(TrainingRuns.stopAfter(2))
                .build();
        DataLoader begun = loader(24, 3, 4);
        assertThat(trainer.fit(begun, 1)).isEmpty();
        for (DataLoader other : List.of(
                loader(25, 3, 4),
                loader(24, 3, 6),
                loader(24, 2, 4),
                DataLoader.of(begun.dataset(), 4).shuffle(true).build(),
                DataLoader.of(begun.dataset(), 4).seed(9).build(),
                DataLoader.of(begun.dataset(), 4)
                        .transform((sample, random) -> sample.floats(0)[sample.at(0)] = 0)
                        .build(),
                DataLoader.of(new Points(24, 3, i -> 7 * i), 4).build())) {
            assertThatThrownBy(() -> trainer.fit(other, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("Epoch 1 stopped after 2 batches of other data", "restartEpoch()");
        }
        assertThat(trainer.step()).isEqualTo(2);
        List<EpochResult> results = trainer.fit(loader(24, 3, 4), 1); // the same once more
        assertThat(results).hasSize(1);
        assertThat(trainer.step()).isEqualTo(6);
        assertThat(trainer.fit(loader(30, 3, 5), 2)).hasSize(1);
    }

    @Test
    void anEpochCanBeBegunAgainOnOtherData() {
        Trainer trainer = Trainer.classifier(
                        Model.create(session, normalised(3), 1), new Adam(1e-3), Loss.crossEntropy())
                .callback(TrainingRuns.stopAfter(2))
                .build();
        trainer.fit(loader(24, 3, 4), 1);
        trainer.restartEpoch();
        assertThat(trainer.fit(loader(30, 3, 5), 1)).hasSize(1);
        assertThat(trainer.step()).isEqualTo(8);
        assertThat(trainer.metrics().samples()).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void badDataAreNamedAndNotTheLearningRate(double bad) {
        for (int every : new int[] {1, 2, 50}) {
            Trainer trainer = Trainer.classifier(
                            Model.create(session, normalised(3), 1), new Adam(1e-3), Loss.crossEntropy())
                    .callback(new TerminateOnNaN(every))
                    .build();
            DataLoader loader =
                    DataLoader.of(new Points(40, 3, i -> i == 17 ? bad : i), 4).build();
            trainer.fit(loader, 3);
            assertThat(trainer.stopReason())
                    .contains("sample 17 of 40 points holds " + bad, "correct the data")
                    .doesNotContain("learning rate");
        }
    }

    @Test
    void badTransformsAndBadValidationDataAreNamed() {
        DataLoader transformed = DataLoader.of(new Points(12, 3, i -> i), 4)
                .transform((sample, random) ->
                        sample.floats(0)[sample.at(0)] /= (float) (sample.floats(0)[sample.at(0)] - 5 == 0 ? 0 : 1))
                .build();
        Trainer trainer = Trainer.classifier(
                        Model.create(session, normalised(3), 1), new Adam(1e-3), Loss.crossEntropy())
                .callback(new TerminateOnNaN(1))
                .build();
        trainer.fit(transformed, 1);
        assertThat(trainer.stopReason()).contains("the transforms make Infinity of sample 5");

        Trainer validated = Trainer.classifier(
                        Model.create(session, normalised(3), 1), new Adam(1e-3), Loss.crossEntropy())
                .callback(new TerminateOnNaN(1))
                .build();
        validated.fit(
                loader(12, 3, 4),
                DataLoader.of(new Points(12, 3, i -> i == 7 ? Double.NaN : i), 4)
                        .build(),
                1);
        assertThat(validated.stopReason()).contains("the validation loss is NaN", "sample 7 of 12 points holds NaN");
    }

    @Test
    void brokenWeightsStillPointToTheLearningRate() {
        Trainer trainer = Trainer.classifier(
                        Model.create(session, new Linear(FEATURES, 3), 1), new Sgd(1e38), Loss.crossEntropy())
                .callback(new TerminateOnNaN(1))
                .build();
        trainer.fit(loader(12, 3, 4), 3);
        assertThat(trainer.stopReason()).contains("lower the learning rate");
    }

    @Test
    void aClosedTrainerGivesItsMemoryBack() {
        Model model = Model.create(session, normalised(3), 1);
        DataLoader loader = loader(12, 3, 4);
        long before = session.memory().used();
        Optimizer adam = new Adam(1e-3);
        for (int i = 0; i < 20; i++) {
            for (Optimizer optimizer :
                    List.of(adam, new AdamW(1e-3), new Sgd(0.1).momentum(0.9).nesterov(), new Sgd(0.1))) {
                try (Trainer trainer = Trainer.classifier(model, optimizer, Loss.crossEntropy())
                        .build()) {
                    trainer.fit(loader, 1);
                }
                assertThat(session.memory().used()).isEqualTo(before);
            }
        }
        model.close();
        assertThat(session.memory().used()).isZero();
    }

    @Test
    void aTrainerEndsWithItsModel() {
        Trainer trainer = trainer(normalised(3), new Adam(1e-3));
        trainer.model().close();
        assertThat(session.memory().used()).isZero();
        assertThatThrownBy(() -> trainer.fit(loader(12, 3, 4), 1)).hasMessageContaining("closed");
        trainer.close();
    }

    @Test
    void aTrainerThatCannotBeBuiltTakesNothing() {
        Optimizer adam = new Adam(1e-3);
        Trainer first = trainer(normalised(3), adam);
        long before = session.memory().used();
        assertThatThrownBy(() -> Trainer.classifier(first.model(), adam, Loss.crossEntropy())
                        .build())
                .hasMessageContaining("already serves a model");
        assertThat(session.memory().used()).isEqualTo(before);
        assertThat(first.fit(loader(12, 3, 4), 1)).hasSize(1);
    }
}
