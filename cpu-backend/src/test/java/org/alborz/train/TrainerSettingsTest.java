package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.metrics.F1;
import org.alborz.metrics.TopK;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clipping, accumulation and averaging do what they say, and a run that has them goes on to the same bits from any batch. */
class TrainerSettingsTest {
    private static final double RATE = 0.1;

    @TempDir
    Path directory;

    private static Trainer.Builder plain(Session session) {
        return Trainer.classifier(
                Model.create(session, new Sequential(new Flatten(), new Linear(3 * 32 * 32, 10)), 1), new Sgd(RATE));
    }

    /** Returns how each weight was changed by one epoch of plain gradient descent. */
    private static double[] change(int batchSize, int epochs, UnaryOperator<Trainer.Builder> settings) {
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = settings.apply(plain(session)).build();
            double[] before = trainer.model().values().toDoubles();
            trainer.fit(DataLoader.of(GeneratedImages.train(3, 22), batchSize).build(), epochs);
            double[] change = trainer.model().values().toDoubles();
            Arrays.setAll(change, i -> change[i] - before[i]);
            trainer.model().close();
            return change;
        }
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    @Test
    void theNormIsClipped() {
        double[] whole = change(22, 1, b -> b);
        double norm = norm(whole) / RATE;
        double[] clipped = change(22, 1, b -> b.clipNorm(norm / 4));
        assertThat(norm(clipped) / RATE).isCloseTo(norm / 4, within(1e-3 * norm));
        for (int i = 0; i < whole.length; i += 97) {
            assertThat(clipped[i]).isCloseTo(whole[i] / 4, within(1e-6));
        }
        // A smaller one stays as it is.
        assertThat(change(22, 1, b -> b.clipNorm(2 * norm))).isEqualTo(whole);
    }

    @Test
    void eachValueIsClipped() {
        double[] whole = change(22, 1, b -> b);
        double most = Arrays.stream(whole).map(Math::abs).max().orElseThrow() / RATE;
        double[] clipped = change(22, 1, b -> b.clipValue(most / 3));
        for (int i = 0; i < whole.length; i += 97) {
            double bound = RATE * most / 3;
            assertThat(clipped[i]).isCloseTo(Math.max(-bound, Math.min(bound, whole[i])), within(1e-6));
        }
    }

    /** Batches of 5, 5, 5, 5 and 2 are one of 22. */
    @ParameterizedTest
    @ValueSource(ints = {5, 7, 11, 1})
    void accumulatedBatchesAreOneLargeBatch(int batchSize) {
        double[] whole = change(22, 2, b -> b);
        double[] parts = change(batchSize, 2, b -> b.gradientAccumulation(22));
        for (int i = 0; i < whole.length; i++) {
            assertThat(parts[i]).isCloseTo(whole[i], within(2e-6));
        }
    }

    @Test
    void anEpochEndsWithAStep() {
        try (Session session = Session.open("cpu-vector")) {
            List<String> seen = new ArrayList<>();
            Trainer trainer = plain(session)
                    .gradientAccumulation(2)
                    .callback(new Callback() {
                        @Override
                        public void onBatchEnd(Trainer t) {
                            seen.add("batch " + t.batches() + "/" + t.accumulated());
                        }

                        @Override
                        public void onStepEnd(Trainer t) {
                            seen.add("step " + t.step());
                        }
                    })
                    .build();
            trainer.fit(DataLoader.of(GeneratedImages.train(3, 12), 5).build(), 1);
            assertThat(seen).containsExactly("batch 1/1", "batch 2/0", "step 1", "batch 3/0", "step 2");
            trainer.model().close();
        }
    }

    @Test
    void theAverageOfTheWeightsIsEvaluatedAndTheWeightsStay() {
        double decay = 0.75;
        try (Session session = Session.open("cpu-vector")) {
            List<double[]> weights = new ArrayList<>();
            Trainer trainer = plain(session)
                    .ema(decay)
                    .callback(new Callback() {
                        @Override
                        public void onStepEnd(Trainer t) {
                            weights.add(t.model().values().toDoubles());
                        }
                    })
                    .build();
            DataLoader data = DataLoader.of(GeneratedImages.train(3, 20), 5).build();
            EpochResult result = trainer.fit(data, data, 1).get(0);
            double[] average = weights.get(0).clone();
            for (double[] next : weights.subList(1, 4)) {
                Arrays.setAll(average, i -> decay * average[i] + (1 - decay) * next[i]);
            }
            double[] kept = trainer.parameterStates().get("ema").toDoubles();
            for (int i = 0; i < average.length; i++) {
                assertThat(kept[i]).isCloseTo(average[i], within(1e-6));
            }
            double[] before = trainer.model().values().toDoubles();
            Evaluation averaged = trainer.evaluate(data);
            assertThat(trainer.model().values().toDoubles()).isEqualTo(before).isEqualTo(weights.get(3));
            assertThat(averaged.loss()).isEqualTo(result.validation().loss());
            float[] predicted = trainer.predict(data).values();

            Objective objective = trainer.objective();
            Evaluation plain = Evaluation.of(trainer.model(), objective, List.of(), data);
            assertThat(plain.loss()).isNotEqualTo(averaged.loss());
            trainer.copyEmaToModel();
            assertThat(Evaluation.of(trainer.model(), objective, List.of(), data)
                            .loss())
                    .isEqualTo(averaged.loss());
            assertThat(trainer.predict(data).values()).isEqualTo(predicted);
            trainer.model().close();
        }
    }

    /** Four batches an epoch, three a step; a stop after batch 1, 2, 5 or 6 is within an accumulation. */
    @ParameterizedTest
    @CsvSource({"1, 3", "2, 3", "3, 3", "4, 3", "5, 3", "6, 3", "3, 1", "5, 2"})
    void goingOnFromAnyBatchIsBitExact(int stopAfter, int accumulation) {
        List<Double> straight = run(10, accumulation, null, null);
        Path file = directory.resolve("run.safetensors");
        run(stopAfter, accumulation, null, file);
        assertThat(run(10, accumulation, file, null)).isEqualTo(straight);
    }

    private static List<Double> run(int batches, int accumulation, Path from, Path into) {
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = everything(session, accumulation, 0.9)
                    .callback(new Callback() {
                        @Override
                        public void onBatchEnd(Trainer t) {
                            if (t.batches() == batches) {
                                t.stop("that will do");
                            }
                        }
                    })
                    .build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(TrainingRuns.loader(60, 16), 100);
            assertThat(trainer.batches()).isEqualTo(batches);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            List<Double> values = new ArrayList<>();
            trainer.model()
                    .parameters()
                    .values()
                    .forEach(p -> add(values, p.value().toDoubles()));
            trainer.optimizer().state().values().forEach(state -> add(values, state.toDoubles()));
            trainer.parameterStates().values().forEach(state -> add(values, state.toDoubles()));
            trainer.sums().values().forEach(sum -> add(values, sum.toDoubles()));
            add(values, trainer.metrics().loss(), trainer.metrics().accuracy(), trainer.step(), trainer.accumulated());
            trainer.model().close();
            return values;
        }
    }

    /** In mixed float16, gradients that overflowed make a step be skipped; until then they are in the sum. */
    @Test
    void anAccumulationThatOverflowedIsSavedAndGoesOnBitForBit() {
        double[] straight = overflowing(4, null, null);
        Path file = directory.resolve("run.safetensors");
        overflowing(1, null, file);
        assertThat(overflowing(4, file, null)).isEqualTo(straight);
    }

    private static double[] overflowing(int batches, Path from, Path into) {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(
                        session,
                        new Sequential(new Flatten(), new Linear(3 * 32 * 32, 10)),
                        Precision.mixed(DType.FLOAT16),
                        1)) {
            model.lossScaler().restore(0x1p20, 0, 0);
            Trainer trainer = Trainer.classifier(model, new Adam(1e-2))
                    .gradientAccumulation(2)
                    .clipNorm(1)
                    .ema(0.9)
                    .callback(new Callback() {
                        @Override
                        public void onBatchEnd(Trainer t) {
                            if (t.batches() == batches) {
                                t.stop("that will do");
                            }
                        }
                    })
                    .build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(DataLoader.of(GeneratedImages.train(3, 8), 2).build(), 1);
            if (into != null) {
                assertThat(trainer.parameterStates()
                                .get(Trainer.GRADIENT_SUM)
                                .sum()
                                .item())
                        .isNaN();
                Checkpoint.save(into, trainer, Map.of());
            }
            assertThat(model.lossScaler().skippedSteps()).isEqualTo(trainer.step());
            List<Double> values = new ArrayList<>();
            add(values, model.values().toDoubles());
            trainer.parameterStates().values().forEach(state -> add(values, state.toDoubles()));
            add(values, model.lossScaler().scale());
            return values.stream().mapToDouble(v -> v).toArray();
        }
    }

    private static Trainer.Builder everything(Session session, int accumulation, double decay) {
        Model model = Model.create(session, TrainingRuns.smallNet(), 11);
        return Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy(0.1))
                .seed(13)
                .clipNorm(0.5)
                .ema(decay)
                .metrics(new TopK(3))
                .gradientAccumulation(accumulation);
    }

    private static void add(List<Double> into, double... values) {
        Arrays.stream(values).forEach(into::add);
    }

    @Test
    void otherSettingsAreRefused() {
        Path file = directory.resolve("run.safetensors");
        run(2, 3, null, file);
        try (Session session = Session.open("cpu-vector")) {
            Map<String, Trainer.Builder> others = Map.of(
                    "gradient_accumulation '3' against '4'",
                    everything(session, 4, 0.9),
                    "ema_decay '0.9' against '0.8'",
                    everything(session, 3, 0.8),
                    "gradient_clipping 'norm 0.5' against 'norm 2.0'",
                    everything(session, 3, 0.9).clipNorm(2),
                    "metrics",
                    everything(session, 3, 0.9).metrics(new F1()));
            others.forEach((words, builder) -> {
                Trainer trainer = builder.build();
                assertThatThrownBy(() -> Checkpoint.resume(file, trainer))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining(words);
                trainer.model().close();
            });
        }
    }

    /** The weights of a file of a run with averages load into a model, and its averages as well. */
    @Test
    void weightsAndTheirAverageLoadIntoAModel() {
        Path file = directory.resolve("run.safetensors");
        run(5, 2, null, file);
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, TrainingRuns.smallNet(), 3)) {
            Weights.load(file, model);
            double[] weights = model.values().toDoubles();
            Checkpoint.loadAveragedWeights(file, model);
            Trainer trainer = everything(session, 2, 0.9).build();
            Checkpoint.resume(file, trainer);
            assertThat(weights).isEqualTo(trainer.model().values().toDoubles());
            trainer.copyEmaToModel();
            assertThat(model.values().toDoubles())
                    .isEqualTo(trainer.model().values().toDoubles())
                    .isNotEqualTo(weights);
            Path without = directory.resolve("without.safetensors");
            Trainer plain = plain(session).build();
            Checkpoint.save(without, plain, Map.of());
            assertThatThrownBy(() -> Checkpoint.loadAveragedWeights(without, plain.model()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("averaged");
            trainer.model().close();
            plain.model().close();
        }
    }

    private static double[] swa(int steps, List<double[]> taken, Path from, Path into) {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, TrainingRuns.smallNet(), 11)) {
            Trainer trainer = Trainer.classifier(model, new Adam(1e-2))
                    .swa(3, 2)
                    .callback(TrainingRuns.stopAfter(steps))
                    .callback(new Callback() {
                        @Override
                        public void onStepEnd(Trainer t) {
                            if (t.step() >= 3 && t.step() % 2 == 1) {
                                taken.add(model.values().toDoubles());
                            }
                        }
                    })
                    .build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(TrainingRuns.loader(40, 10), 100);
            if (into != null) {
                assertThatThrownBy(trainer::copyEmaToModel).hasMessageContaining("swa(start, every)");
                Checkpoint.save(into, trainer, Map.of());
                return null;
            }
            trainer.copyEmaToModel();
            return model.values().toDoubles();
        }
    }

    /** The mean of the weights after steps 3, 5 and 7, in one go and resumed from before the first; until then there is none. */
    @Test
    void stochasticWeightAveragesAreTheMeanOfSomeSteps() {
        List<double[]> taken = new ArrayList<>();
        double[] average = swa(8, taken, null, null);
        assertThat(taken).hasSize(3);
        for (int i = 0; i < average.length; i++) {
            double mean = (taken.get(0)[i] + taken.get(1)[i] + taken.get(2)[i]) / 3;
            assertThat(average[i]).isCloseTo(mean, Offset.offset(1e-6));
        }
        Path file = directory.resolve("swa.safetensors");
        swa(2, taken, null, file);
        assertThat(swa(8, taken, file, null)).isEqualTo(average);
    }

    @Test
    void settingsOfNoUseAreRefused() {
        try (Session session = Session.open("cpu-scalar")) {
            Trainer.Builder builder = plain(session);
            for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
                assertThatThrownBy(() -> builder.clipNorm(bad)).hasMessageContaining("above 0, got " + bad);
                assertThatThrownBy(() -> builder.clipValue(bad)).hasMessageContaining("above 0, got " + bad);
            }
            for (double bad : new double[] {0, 1, -1, Double.NaN}) {
                assertThatThrownBy(() -> builder.ema(bad)).hasMessageContaining("below 1, got " + bad);
            }
            assertThatThrownBy(() -> builder.swa(0, 1)).hasMessageContaining("at least 1, got 0 and 1");
            assertThatThrownBy(() -> builder.swa(1, 0)).hasMessageContaining("at least 1, got 1 and 0");
            assertThatThrownBy(() -> builder.gradientAccumulation(0)).hasMessageContaining("at least 1 batch, got 0");
            assertThatThrownBy(() -> builder.clipNorm(1).clipValue(1)).hasMessageContaining("choose one");
            Trainer trainer = plain(session).build();
            assertThatThrownBy(trainer::copyEmaToModel).hasMessageContaining("ema(decay)");
        }
    }
}
