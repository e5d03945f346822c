package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.checkpoint.Weights;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adafactor;
import org.alborz.optim.Adam;
import org.alborz.optim.Muon;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Saving and resuming in the data types and with the captured steps that only this backend has. */
final class CudaCheckpointTest {
    private static final int STEPS = 7;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"FLOAT16, 3, false", "BFLOAT16, 5, false", "FLOAT16, 5, true", "FLOAT32, 3, true"})
    void goingOnIsBitExact(DType dtype, int killedAfter, boolean graphCapture) {
        List<Double> straight = run(dtype, STEPS, graphCapture, false);
        run(dtype, killedAfter, graphCapture, false);
        assertThat(run(dtype, STEPS, graphCapture, true)).isEqualTo(straight);
    }

    /** Three batches an epoch, saved after every step. */
    private List<Double> run(DType dtype, int steps, boolean graphCapture, boolean resume) {
        try (Session session = Session.of(SoftwareGpu.open(), dtype);
                Model model = Model.create(session, net(), 1)) {
            Trainer trainer = Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy())
                    .graphCapture(graphCapture)
                    .callback(new ModelCheckpoint(directory).every(1))
                    .callback(new Callback() {
                        @Override
                        public void onStepEnd(Trainer running) {
                            if (running.step() == steps) {
                                running.stop("that will do");
                            }
                        }
                    })
                    .build();
            if (resume) {
                Checkpoint.resume(directory.resolve(ModelCheckpoint.LAST), trainer);
            }
            trainer.fit(DataLoader.of(GeneratedImages.train(1, 12), 4).build(), 100);
            List<Double> values = valuesOf(model);
            trainer.optimizer().state().values().forEach(state -> add(values, state.toDoubles()));
            add(values, trainer.metrics().lossSum(), trainer.metrics().accuracy());
            return values;
        }
    }

    /**
     * Convolution weights are stored in another order on each backend, and a checkpoint does not tell. A step after it does the same on
     * both, to rounding.
     */
    @ParameterizedTest
    @CsvSource({
        "adam, cpu-scalar, cuda",
        "adafactor, cpu-scalar, cuda",
        "adafactor, cuda, cpu-scalar",
        "muon, cuda, cpu-scalar",
        "muon without matrices, cuda, cpu-scalar"
    })
    void runsMoveBetweenBackends(String optimizer, String from, String to) {
        Path file = directory.resolve("moved.safetensors");
        Map<String, List<Double>> saved = new LinkedHashMap<>();
        Map<String, List<Double>> next = new LinkedHashMap<>();
        onBackend(from, optimizer, trainer -> {
            step(trainer);
            step(trainer);
            Checkpoint.save(file, trainer, Map.of());
            saved.putAll(all(trainer));
            step(trainer);
            next.putAll(all(trainer));
        });
        onBackend(to, optimizer, trainer -> {
            Checkpoint.resume(file, trainer);
            assertThat(all(trainer)).isEqualTo(saved);
            step(trainer);
            all(trainer).forEach((name, values) -> {
                double[] expected =
                        next.get(name).stream().mapToDouble(Double::doubleValue).toArray();
                assertThat(values.stream().mapToDouble(Double::doubleValue).toArray())
                        .as(name)
                        .containsExactly(expected, within(1e-4));
            });
        });
    }

    private static void onBackend(String backend, String optimizer, Consumer<Trainer> run) {
        try (Session session =
                        backend.equals("cuda") ? Session.of(SoftwareGpu.open(), DType.FLOAT32) : Session.open(backend);
                Model model = Model.create(session, convolutions(), 1)) {
            Optimizer made = switch (optimizer) {
                case "adam" -> new Adam(1e-2);
                case "adafactor" -> new Adafactor(1e-2);
                case "muon" -> new Muon(1e-2);
                default -> new Muon(1e-2).adamRate(1e-2).matrices(parameter -> false);
            };
            run.accept(Trainer.classifier(model, made, Loss.crossEntropy()).build());
        }
    }

    private static Layer convolutions() {
        return new Sequential(
                new Conv2d(3, 4, 3).stride(2),
                Activations.tanh(),
                new Conv2d(4, 6, 1),
                Activations.tanh(),
                new Conv2d(6, 4, 3).groups(2),
                new GlobalAvgPool2d(),
                new Linear(4, 10));
    }

    private static void step(Trainer trainer) {
        try (BatchIterator batches =
                DataLoader.of(GeneratedImages.train(1, 4), 4).build().epoch(0)) {
            trainer.step(batches.next());
        }
    }

    /** Returns all parameters, and the optimizer's states of each, by name and in row-major order. */
    private static Map<String, List<Double>> all(Trainer trainer) {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        Model model = trainer.model();
        try (Scope scope = model.session().scope("states")) {
            model.parameters().forEach((name, parameter) -> add(all, name, parameter.value()));
            trainer.optimizer()
                    .state()
                    .forEach((state, flat) -> model.trainable()
                            .forEach(parameter ->
                                    add(all, state + "." + parameter.name(), model.part(flat, parameter))));
            trainer.optimizer().parameterState().forEach((name, state) -> add(all, name, state));
        }
        return all;
    }

    private static void add(Map<String, List<Double>> all, String name, Tensor tensor) {
        all.put(name, Arrays.stream(tensor.toDoubles()).boxed().toList());
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 4, 3).stride(2),
                new BatchNorm(4),
                new GlobalAvgPool2d(),
                new Dropout(0.2),
                new Linear(4, 10));
    }

    private static List<Double> valuesOf(Model model) {
        List<Double> values = new ArrayList<>();
        model.parameters().values().forEach(p -> add(values, p.value().toDoubles()));
        return values;
    }

    private static void add(List<Double> into, double... values) {
        for (double value : values) {
            into.add(value);
        }
    }

    @Test
    void weightsAreConvertedAndRunsAreNot() {
        run(DType.FLOAT16, 3, false, false);
        Path file = directory.resolve(ModelCheckpoint.LAST);
        List<Double> half;
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT16);
                Model model = Weights.load(file, session, net())) {
            half = valuesOf(model);
        }
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                Model model = Weights.load(file, session, net())) {
            assertThat(valuesOf(model)).isEqualTo(half);
            Trainer trainer = Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy())
                    .build();
            assertThatThrownBy(() -> Checkpoint.resume(file, trainer))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("data_type 'float16' against 'float32'");
            trainer.fit(DataLoader.of(GeneratedImages.train(1, 12), 4).build(), 1);
            Checkpoint.save(file, trainer, Map.of());
        }
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT16);
                Model model = Weights.load(file, session, net())) {
            assertThat(valuesOf(model)).isNotEqualTo(half).allMatch(Double::isFinite);
        }
    }
}
