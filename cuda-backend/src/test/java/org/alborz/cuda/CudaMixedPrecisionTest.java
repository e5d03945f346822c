package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.LossScaler;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Mixed precision with the GPU's own 16-bit kernels, products and convolutions. */
final class CudaMixedPrecisionTest {
    private static final int SEED = 7;

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeft() {
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 8, 3).stride(2).padding(1).bias(false),
                new BatchNorm(8),
                Activations.relu(),
                new MaxPool2d(2),
                new Conv2d(8, 8, 3).padding(1),
                new GlobalAvgPool2d(),
                new Linear(8, 10));
    }

    /** So many channels that no gradient of a batch norm is one launch. */
    private static Layer residualNet() {
        int channels = 24;
        return new Sequential(
                new Conv2d(3, channels, 3).stride(2).padding(1).bias(false),
                new BatchNorm(channels),
                Activations.relu(),
                new Residual(new Sequential(
                        new Conv2d(channels, channels, 3).padding(1).bias(false),
                        new BatchNorm(channels),
                        Activations.relu(),
                        new Conv2d(channels, channels, 3).padding(1).bias(false),
                        new BatchNorm(channels))),
                new Conv2d(channels, 8, 3).stride(2).padding(1),
                new GlobalAvgPool2d(),
                new Linear(8, 10));
    }

    /** Trains up to a step, from a file if one is given and into one if one is given; in float16 the first steps are skipped. */
    private static Map<String, double[]> run(
            Backend backend, Precision precision, boolean captured, int steps, Path from, Path into) {
        return run(net(), backend, precision, captured, steps, from, into);
    }

    private static Map<String, double[]> run(
            Layer net, Backend backend, Precision precision, boolean captured, int steps, Path from, Path into) {
        Map<String, double[]> values = new LinkedHashMap<>();
        try (Session session = Session.of(backend, DType.FLOAT32);
                Model model = Model.create(session, net, precision, SEED)) {
            LossScaler scaler = model.lossScaler();
            if (scaler != null) {
                scaler.restore(0x1p24, 0, 0);
            }
            Trainer trainer = Trainer.classifier(model, new Adam(1e-2))
                    .seed(SEED)
                    .graphCapture(captured)
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
            trainer.fit(
                    DataLoader.of(GeneratedImages.train(SEED, 24), 4).seed(SEED).build(), 100);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            model.parameters()
                    .forEach((name, parameter) ->
                            values.put(name, parameter.value().toDoubles()));
            trainer.optimizer().state().forEach((name, state) -> values.put(name, state.toDoubles()));
            values.put("loss", new double[] {trainer.metrics().lossSum()});
            if (scaler != null) {
                assertThat(scaler.skippedSteps()).isPositive();
                values.put("scaler", new double[] {scaler.scale(), scaler.stepsSinceChange(), scaler.skippedSteps()});
            }
        }
        return values;
    }

    private static void assertSame(Map<String, double[]> actual, Map<String, double[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
    }

    /** Also the loss's scale, which captured steps read on the device, and the copy in 16 bits, which is made between them. */
    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void capturedAndResumedRunsAreTheEagerOneBitForBit(DType computed) {
        Precision precision = Precision.mixed(computed);
        Map<String, double[]> eager = run(SoftwareGpu.open(), precision, false, 10, null, null);
        assertSame(run(SoftwareGpu.open(), precision, true, 10, null, null), eager);
        Path file = directory.resolve("run.safetensors");
        run(SoftwareGpu.open(), precision, true, 4, null, file);
        assertSame(run(SoftwareGpu.open(), precision, true, 10, file, null), eager);
    }

    /** The sums of gradients of batch norms come with those of the convolutions behind them; separate calls come to about the same. */
    @Test
    void capturedStepsTakeTheSumsOfGradientsAsEagerOnesDo() {
        Precision precision = Precision.mixed(DType.BFLOAT16);
        Set<String> works = new HashSet<>();
        CudaBackend backend = SoftwareGpu.open();
        backend.observe(work -> works.add(work.name()));
        Map<String, double[]> eager = run(residualNet(), backend, precision, false, 3, null, null);
        assertThat(works)
                .contains(
                        "convolution backward data with gate and sums",
                        "convolution backward data with addend, gate and sums",
                        "convolution backward data with gate and sums of products",
                        "batch_norm_backward_of_sums_mixed")
                .doesNotContain("batch_norm_backward_sums_mixed");
        assertSame(run(residualNet(), SoftwareGpu.open(), precision, true, 3, null, null), eager);
        SoftwareGpu.device().refuseGraphs(true);
        double separate = run(residualNet(), SoftwareGpu.open(), precision, false, 3, null, null)
                .get("loss")[0];
        SoftwareGpu.device().refuseGraphs(false);
        assertThat(eager.get("loss")[0]).isCloseTo(separate, Percentage.withPercentage(2));
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void theCpuComesToAboutTheSame(DType computed) {
        Precision precision = Precision.mixed(computed);
        double gpu = run(SoftwareGpu.open(), precision, false, 6, null, null).get("loss")[0];
        Backend cpu = Backends.find().open("cpu-scalar", BackendOptions.defaults());
        assertThat(run(cpu, precision, false, 6, null, null).get("loss")[0])
                .isCloseTo(gpu, Percentage.withPercentage(2));
    }

    /** A short form of what the CPU backend's sweep shows with three seeds of 200 steps. */
    @Tag("sweep")
    @ParameterizedTest
    @CsvSource({"cifar-cnn, BFLOAT16", "cifar-cnn, FLOAT16", "resnet20, BFLOAT16", "resnet20, FLOAT16"})
    void knownNetsReachTheLossOfFloat32(String name, DType computed) {
        double full = loss(name, Precision.full());
        assertThat(loss(name, Precision.mixed(computed))).isCloseTo(full, Percentage.withPercentage(10));
    }

    private static double loss(String name, Precision precision) {
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                Model model = Model.create(session, Models.byName(name, 10), precision, SEED)) {
            Trainer trainer =
                    Trainer.classifier(model, new Adam(1e-3)).seed(SEED).build();
            DataLoader loader =
                    DataLoader.of(GeneratedImages.train(SEED, 80), 4).seed(SEED).build();
            return trainer.fit(loader, 1).get(0).loss();
        }
    }
}
