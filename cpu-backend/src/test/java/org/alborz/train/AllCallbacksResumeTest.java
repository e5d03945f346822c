package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.alborz.checkpoint.BackupAndRestore;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.DataLoader;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run under all callbacks together that fails at random places, each time starts again with everything new, and goes on by itself: it ends with the
 * bits and the files of a run that never failed.
 */
class AllCallbacksResumeTest {
    private static final int EPOCHS = 4;
    private static final List<String> PLACES = List.of(
            "batch begin", "batch end", "step end", "after step", "test begin", "test end", "epoch end", "after epoch");

    @TempDir
    Path directory;

    /** Fails the first time that one of its places is reached for the given time. */
    private static final class Failing implements Callback {
        private final String place;
        private int left;

        Failing(String place, int count) {
            this.place = place;
            this.left = count;
        }

        private void at(String here) {
            if (here.equals(place) && --left == 0) {
                throw new IllegalStateException("killed at " + here);
            }
        }

        @Override
        public void onBatchBegin(Trainer trainer) {
            at("batch begin");
        }

        @Override
        public void onBatchEnd(Trainer trainer) {
            at("batch end");
        }

        @Override
        public void onStepEnd(Trainer trainer) {
            at("step end");
        }

        @Override
        public void afterStep(Trainer trainer) {
            at("after step");
        }

        @Override
        public void onTestBegin(Trainer trainer) {
            at("test begin");
        }

        @Override
        public void onTestEnd(Trainer trainer, Evaluation evaluation) {
            at("test end");
        }

        @Override
        public void onEpochEnd(Trainer trainer, EpochResult result) {
            at("epoch end");
        }

        @Override
        public void afterEpoch(Trainer trainer, EpochResult result) {
            at("after epoch");
        }
    }

    /** All callbacks, with the one that fails at a random place among them. */
    private static List<Callback> callbacks(Path folder, Failing failing, Random random) {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        List<Callback> all = new ArrayList<>(List.of(
                new BackupAndRestore(folder.resolve("backup")).every(3),
                new LearningRateScheduler((epoch, rate) -> epoch == 0 ? rate : rate * 0.9),
                new ReduceLROnPlateau(Monitor.max("loss"), 0)
                        .factor(0.7)
                        .cooldown(1)
                        .minLr(1e-3),
                new EarlyStopping(Monitor.max("val_loss"), 99)
                        .baseline(0.1)
                        .startFromEpoch(1)
                        .restoreBestWeights(),
                new SwapEMAWeights(),
                new ModelCheckpoint(folder.resolve("best")).monitor(Monitor.min("val_loss")),
                new ModelCheckpoint(folder.resolve("weights"))
                        .weightsOnly()
                        .fileName("epoch-{epoch:02d}-{val_loss:.6f}"),
                new CSVLogger(folder.resolve("run.csv")),
                new TerminateOnNaN(2),
                new RemoteMonitor(URI.create("http://127.0.0.1:9")).closeTimeout(Duration.ZERO),
                new ProgbarLogger(out).every(Duration.ZERO),
                new LambdaCallback().onStepEnd(trainer -> {
                    if (trainer.metrics().samples() < 0) {
                        trainer.stop("never");
                    }
                })));
        all.add(random.nextInt(all.size() + 1), failing);
        return all;
    }

    /** Starts the program once; returns what it came to, or null where it was killed. */
    private static Map<String, Object> start(Path folder, Failing failing, Random random) throws IOException {
        DataLoader data = TrainingRuns.loader(60, 16);
        DataLoader validation =
                DataLoader.of(TrainingRuns.loader(24, 24).dataset(), 24).build();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, TrainingRuns.smallNet(), 11)) {
            Trainer.Builder builder = Trainer.classifier(model, new Adam(1e-2))
                    .seed(13)
                    .gradientAccumulation(2)
                    .ema(0.8)
                    .verbose(false);
            callbacks(folder, failing, random).forEach(builder::callback);
            Trainer trainer = builder.build();
            try {
                trainer.fit(data, validation, EPOCHS);
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageStartingWith("killed at ");
                return null;
            }
            Map<String, Object> left = new LinkedHashMap<>();
            left.put("values", values(model));
            left.put("trained", trainer.trainedValues().toDoubles());
            trainer.parameterStates().forEach((name, tensor) -> left.put(name, tensor.toDoubles()));
            trainer.optimizer().state().forEach((name, tensor) -> left.put("adam." + name, tensor.toDoubles()));
            trainer.callbacks()
                    .forEach(callback -> left.merge(
                            "state of " + callback.name(), List.of(callback.state()), (one, two) -> List.of(one, two)));
            left.put("step", trainer.step() + " " + trainer.epoch() + " " + trainer.learningRate());
            left.put("files", files(folder));
            return left;
        }
    }

    private static Map<String, double[]> values(Model model) {
        Map<String, double[]> values = new TreeMap<>();
        model.parameters()
                .forEach((name, parameter) -> values.put(name, parameter.value().toDoubles()));
        return values;
    }

    /** Returns the content of the files that say nothing of the time they were written at; of the others the names. */
    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                boolean dated = file.getParent().endsWith("best");
                files.put(
                        folder.relativize(file).toString(),
                        dated ? "" : Integer.toString(Arrays.hashCode(Files.readAllBytes(file))));
            }
        }
        return files;
    }

    private void requireSame(int seed) throws IOException {
        Random random = new Random(seed);
        Map<String, Object> straight = start(directory.resolve("straight"), new Failing("never", 0), random);
        Path folder = directory.resolve("killed");
        Map<String, Object> result = null;
        int kills = 0;
        while (result == null) {
            String place = PLACES.get(random.nextInt(PLACES.size()));
            boolean rare = place.startsWith("test") || place.contains("epoch");
            int count = kills >= 8 ? 0 : 1 + random.nextInt(rare ? 2 : 6);
            result = start(folder, new Failing(place, count), random);
            kills += result == null ? 1 : 0;
        }
        assertThat(kills).isPositive();
        assertThat(result.get("files").toString())
                .contains("run.csv", "best.safetensors")
                .doesNotContain("backup");
        assertThat(result).usingRecursiveComparison().isEqualTo(straight);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aRunThatWasKilledEndsWithTheBitsOfOneThatWasNot(int seed) throws IOException {
        requireSame(seed);
    }

    @Test
    void aBackupIsKeptByAStoppedTrainingAndTakenOnlyWhereItIsAhead() {
        DataLoader data = TrainingRuns.loader(32, 16);
        Path file = directory.resolve(BackupAndRestore.FILE);
        try (Session session = Session.open("cpu-vector")) {
            BackupAndRestore backup = new BackupAndRestore(directory).every(1);
            Trainer stopped = TrainingRuns.trainer(session, new Adam(1e-2), backup, TrainingRuns.stopAfter(3));
            stopped.fit(data, 2);
            assertThat(file).exists();
            Trainer ahead = TrainingRuns.trainer(session, new Adam(1e-2), backup.deleteCheckpoint(false));
            for (int i = 0; i < 2; i++) {
                ahead.fit(data, 2);
                assertThat(ahead.step()).isEqualTo(4);
            }
            assertThat(file).exists();
            Trainer next = TrainingRuns.trainer(session, new Adam(1e-2), backup);
            assertThat(next.fit(data, 3)).hasSize(1);
            assertThat(file).doesNotExist();
            Trainer other = TrainingRuns.trainer(session, new Adam(1e-3), backup);
            assertThat(other.fit(data, 1)).hasSize(1);
            assertThatThrownBy(() -> backup.every(0)).hasMessageContaining("every 1 step or more, got 0");
            List.of(stopped, ahead, next, other)
                    .forEach(trainer -> trainer.model().close());
        }
    }
}
