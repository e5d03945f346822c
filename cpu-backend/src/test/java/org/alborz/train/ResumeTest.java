package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ten steps straight are bit for bit five, a stop, and five more by another process's worth of objects. */
class ResumeTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "cpu-scalar, adam, 5",
        "cpu-vector, adam, 5",
        "cpu-vector, nesterov, 5",
        "cpu-vector, adam, 4",
        "cpu-vector, adam, 8"
    })
    void goingOnIsBitExact(String backend, String optimizer, int stopAfter) {
        Supplier<Optimizer> make = () -> optimizer.equals("adam")
                ? new Adam(1e-2)
                : new Sgd(0.05).momentum(0.9).nesterov().weightDecay(1e-4);
        Map<String, double[]> straight = run(backend, make.get(), 10, null, null);

        Path file = directory.resolve("run.safetensors");
        run(backend, make.get(), stopAfter, null, file);
        Map<String, double[]> resumed = run(backend, make.get(), 10, file, null);

        assertThat(resumed.keySet()).isEqualTo(straight.keySet());
        straight.forEach(
                (name, values) -> assertThat(resumed.get(name)).as(name).isEqualTo(values));
    }

    /** Trains up to a step, from a file if one is given and into one if one is given, and returns everything that has a value. */
    private static Map<String, double[]> run(String backend, Optimizer optimizer, int steps, Path from, Path into) {
        // 4 batches an epoch: the stop falls inside an epoch, or at its very end.
        DataLoader loader = TrainingRuns.loader(60, 16);
        Map<String, double[]> values = new LinkedHashMap<>();
        try (Session session = Session.open(backend)) {
            Trainer trainer = TrainingRuns.trainer(session, optimizer, TrainingRuns.stopAfter(steps));
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(loader, 100);
            assertThat(trainer.step()).isEqualTo(steps);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of("purpose", "test"));
            }
            trainer.model()
                    .parameters()
                    .forEach((name, p) -> values.put(name, p.value().toDoubles()));
            optimizer.state().forEach((name, state) -> values.put("optimizer." + name, state.toDoubles()));
            values.put("metrics", new double[] {
                trainer.metrics().lossSum(),
                trainer.metrics().accuracy(),
                trainer.metrics().samples(),
                trainer.epoch(),
                trainer.nextBatch()
            });
            trainer.model().close();
        }
        return values;
    }

    @Test
    void anotherRunsCheckpointIsRefusedAndChangesNothing() {
        Path file = directory.resolve("run.safetensors");
        run("cpu-vector", new Adam(1e-2), 2, null, file);
        try (Session session = Session.open("cpu-vector")) {
            Trainer other = TrainingRuns.trainer(session, new Adam(3e-2));
            Tensor values = other.model().values();
            double[] before = values.toDoubles();
            assertThatThrownBy(() -> Checkpoint.resume(file, other))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("learning_rate=0.01")
                    .hasMessageContaining("learning_rate=0.03");
            assertThat(values.toDoubles()).isEqualTo(before);
            other.model().close();
        }
    }

    @Test
    void otherDataIsRefused() {
        Path file = directory.resolve("run.safetensors");
        run("cpu-vector", new Adam(1e-2), 2, null, file);
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2));
            Checkpoint.resume(file, trainer);
            assertThatThrownBy(() -> trainer.fit(TrainingRuns.loader(60, 8), 100))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("batch_size=16 against 8");
            trainer.model().close();
        }
    }

    @Test
    void aTruncatedFileIsRefusedAndChangesNothing() throws IOException {
        Path file = directory.resolve("run.safetensors");
        run("cpu-vector", new Adam(1e-2), 2, null, file);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 100));
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2));
            double[] before = trainer.model().values().toDoubles();
            assertThatThrownBy(() -> Checkpoint.resume(file, trainer)).isInstanceOf(CheckpointException.class);
            assertThat(trainer.model().values().toDoubles()).isEqualTo(before);
            trainer.model().close();
        }
    }

    @Test
    void weightsAloneLoadIntoAModelWithoutATrainer() {
        Path file = directory.resolve("run.safetensors");
        Map<String, double[]> saved = run("cpu-vector", new Adam(1e-2), 2, null, file);
        try (Session session = Session.open("cpu-scalar")) {
            Model model = Model.create(session, TrainingRuns.smallNet(), 99);
            Weights.load(file, model);
            model.parameters()
                    .forEach((name, p) ->
                            assertThat(p.value().toDoubles()).as(name).isEqualTo(saved.get(name)));
            model.close();
        }
        assertThat(Checkpoint.metadata(file)).containsEntry("purpose", "test").containsEntry("step", "2");
    }
}
