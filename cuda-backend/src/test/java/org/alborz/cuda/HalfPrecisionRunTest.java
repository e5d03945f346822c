package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.SafetensorsEntry;
import org.alborz.checkpoint.SafetensorsFile;
import org.alborz.checkpoint.SafetensorsType;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs in 16 bits, with statistics and optimizer state in float32: saved, gone on with, and loaded into sessions of other types. */
final class HalfPrecisionRunTest {
    private static final int CLASSES = 10;
    private static final int SEED = 7;

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeft() {
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 6, 3).stride(4).bias(false),
                new BatchNorm(6),
                new GlobalAvgPool2d(),
                new Linear(6, CLASSES));
    }

    /** Trains up to a step, from a file if one is given and into one if one is given, and returns everything that has a value. */
    private static Map<String, double[]> run(DType dtype, Optimizer optimizer, int steps, Path from, Path into) {
        Map<String, double[]> values = new LinkedHashMap<>();
        try (Session session = Session.of(SoftwareGpu.open(), dtype);
                Model model = Model.create(session, net(), SEED)) {
            DataLoader loader =
                    DataLoader.of(GeneratedImages.train(SEED, 24), 4).seed(SEED).build();
            Trainer trainer = Trainer.classifier(model, optimizer, Loss.crossEntropy())
                    .seed(SEED)
                    .callback(new Callback() {
                        @Override
                        public void onStepEnd(Trainer running) {
                            if (running.step() == steps) {
                                running.stop("that will do");
                            }
                        }
                    })
                    .build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(loader, 100);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            model.parameters()
                    .forEach((name, parameter) ->
                            values.put(name, parameter.value().toDoubles()));
            optimizer.state().forEach((name, state) -> values.put(name, state.toDoubles()));
            values.put("loss", new double[] {trainer.metrics().lossSum()});
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16, adam", "BFLOAT16, adam", "FLOAT16, sgd"})
    void goingOnIsBitExact(DType dtype, String name) {
        Supplier<Optimizer> optimizer = () -> name.equals("adam")
                ? new Adam(1e-2)
                : new Sgd(0.05).momentum(0.9).nesterov().weightDecay(1e-4);
        Map<String, double[]> straight = run(dtype, optimizer.get(), 8, null, null);
        Path file = directory.resolve("run.safetensors");
        run(dtype, optimizer.get(), 3, null, file);
        Map<String, double[]> resumed = run(dtype, optimizer.get(), 8, file, null);
        assertThat(resumed.keySet()).isEqualTo(straight.keySet());
        straight.forEach((key, values) -> assertThat(resumed.get(key)).as(key).isEqualTo(values));
    }

    @Test
    void filesHoldStateInFloat32AndSumsOfMetricsInFloat64() {
        Path file = directory.resolve("run.safetensors");
        run(DType.FLOAT16, new Adam(1e-2), 2, null, file);
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            for (SafetensorsEntry entry : saved.entries()) {
                boolean state = entry.name().startsWith("optimizer.")
                        || entry.name().startsWith("trainer.")
                        || entry.name().contains(".running_");
                SafetensorsType type = entry.name().startsWith("trainer.metric.")
                        ? SafetensorsType.F64
                        : state ? SafetensorsType.F32 : SafetensorsType.F16;
                assertThat(entry.type()).as(entry.name()).isEqualTo(type);
            }
        }
    }

    /** Statistics that were saved in another precision are converted; here those of float32 are kept as they are. */
    @Test
    void weightsOfFloat32AreLoadedWithTheirStatistics() {
        Path file = directory.resolve("run.safetensors");
        Map<String, double[]> trained = run(DType.FLOAT32, new Adam(1e-2), 2, null, file);
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT16);
                Model model = Model.create(session, net(), 1)) {
            Weights.load(file, model);
            for (String name : new String[] {"1.running_mean", "1.running_var"}) {
                assertThat(model.parameters().get(name).value().toDoubles()).isEqualTo(trained.get(name));
            }
        }
        Path half = directory.resolve("half.safetensors");
        Map<String, double[]> trainedHalf = run(DType.FLOAT16, new Adam(1e-2), 2, null, half);
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                Model model = Model.create(session, net(), 1)) {
            Weights.load(half, model);
            model.parameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.value().toDoubles()).as(name).isEqualTo(trainedHalf.get(name)));
        }
    }
}
