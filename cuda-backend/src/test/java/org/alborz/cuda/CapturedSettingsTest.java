package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.optim.AdamW;
import org.alborz.optim.ParameterGroup;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Objective;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Captured steps together with everything that a trainer does around them: the bits are those of eager ones. */
final class CapturedSettingsTest {
    private static final int SEED = 7;

    /** Three epochs of five batches of four images and one of two. */
    private static final int BATCHES = 18;

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeft() {
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    enum Setting {
        CLIP_NORM(b -> b.clipNorm(0.2)),
        CLIP_VALUE(b -> b.clipValue(0.01)),
        ACCUMULATION(b -> b.gradientAccumulation(4)),
        EMA(b -> b.ema(0.8)),
        FREEZING(b -> b.callback(new Freezing())),
        ALL(b -> b.clipNorm(0.2).gradientAccumulation(2).ema(0.8).callback(new Freezing()));

        private final UnaryOperator<Trainer.Builder> builder;

        Setting(UnaryOperator<Trainer.Builder> builder) {
            this.builder = builder;
        }
    }

    /** Freezes a batch norm and the last layer for some batches. */
    private static final class Freezing implements Callback {
        @Override
        public void onBatchEnd(Trainer trainer) {
            if (trainer.batches() == 4) {
                trainer.model().freeze(name -> name.startsWith("1.") || name.startsWith("4."));
            } else if (trainer.batches() == 12) {
                trainer.model().unfreeze(name -> true);
            }
        }
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 4, 3).stride(4).activation(Activation.RELU),
                new BatchNorm(4),
                new Dropout(0.2),
                new Flatten(),
                new Linear(4 * 8 * 8, 10));
    }

    private static Map<String, double[]> run(Precision precision, Setting setting, boolean captured) {
        return run(precision, setting, captured, BATCHES, null, null);
    }

    /** Trains up to a batch, from a file if one is given and into one if one is given; in float16 the first steps are skipped. */
    private static Map<String, double[]> run(
            Precision precision, Setting setting, boolean captured, int batches, Path from, Path into) {
        Map<String, double[]> values = new LinkedHashMap<>();
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                Model model = Model.create(session, net(), precision, SEED)) {
            if (model.lossScaler() != null) {
                model.lossScaler().restore(0x1p16, 0, 0);
            }
            Objective supervised = Objective.supervised(model, Loss.crossEntropy());
            int[] calls = new int[1];
            Objective counted = (batch, pass) -> {
                calls[0] += pass.isTraining() ? 1 : 0;
                return supervised.of(batch, pass);
            };
            Trainer trainer = setting.builder
                    .apply(Trainer.of(
                                    model,
                                    new AdamW(1e-2)
                                            .groups(ParameterGroup.vectors().rateFactor(2)),
                                    counted)
                            .seed(SEED)
                            .graphCapture(captured)
                            .callback(new Callback() {
                                @Override
                                public void onBatchEnd(Trainer running) {
                                    if (running.batches() == batches) {
                                        running.stop("that will do");
                                    }
                                }
                            }))
                    .build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            long first = trainer.batches();
            trainer.fit(
                    DataLoader.of(GeneratedImages.train(SEED, 22), 4).seed(SEED).build(), 100);
            assertThat(trainer.batches()).isEqualTo(batches);
            if (captured) {
                assertThat(calls[0]).as("captured steps run no Java code").isLessThan((int) (batches - first));
            }
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            model.parameters()
                    .forEach((name, parameter) ->
                            values.put(name, parameter.value().toDoubles()));
            trainer.optimizer().state().forEach((name, state) -> values.put("optimizer." + name, state.toDoubles()));
            trainer.parameterStates().forEach((name, state) -> values.put("trainer." + name, state.toDoubles()));
            trainer.sums().forEach((name, sum) -> values.put("trainer." + name, sum.toDoubles()));
            values.put("loss", new double[] {trainer.metrics().lossSum(), trainer.step()});
            if (model.lossScaler() != null) {
                assertThat(model.lossScaler().skippedSteps()).isPositive();
                assertThat(model.lossScaler().skippedSteps()).isLessThan(trainer.step());
                values.put("scale", new double[] {
                    model.lossScaler().scale(), model.lossScaler().skippedSteps()
                });
            }
        }
        return values;
    }

    private static void assertSame(Map<String, double[]> actual, Map<String, double[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
    }

    @ParameterizedTest
    @EnumSource
    void capturedStepsHaveTheBitsOfEagerOnes(Setting setting) {
        assertSame(run(Precision.full(), setting, true), run(Precision.full(), setting, false));
    }

    @Test
    void soTheyHaveInMixedPrecisionWithSkippedSteps() {
        Precision precision = Precision.mixed(DType.FLOAT16);
        assertSame(run(precision, Setting.ALL, true), run(precision, Setting.ALL, false));
    }

    @Tag("sweep")
    @ParameterizedTest
    @EnumSource
    void soTheyHaveInMixedPrecision(Setting setting) {
        for (DType computed : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
            Precision precision = Precision.mixed(computed);
            assertSame(run(precision, setting, true), run(precision, setting, false));
        }
    }

    /** The stop is within an accumulation, and while parameters are frozen. */
    @Test
    void aCapturedRunThatIsResumedHasThemToo() {
        Precision precision = Precision.mixed(DType.FLOAT16);
        Path file = directory.resolve("run.safetensors");
        run(precision, Setting.ALL, true, 9, null, file);
        assertSame(run(precision, Setting.ALL, true, BATCHES, file, null), run(precision, Setting.ALL, false));
    }
}
