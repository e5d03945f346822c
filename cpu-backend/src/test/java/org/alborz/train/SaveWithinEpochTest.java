package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.checkpoint.UnfinishedFiles;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.optim.Schedule;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaveWithinEpochTest {
    @TempDir
    Path directory;

    /** What a run came to: results by epoch, why it stopped, and the final values. */
    private record Outcome(Map<Integer, String> epochs, String stopReason, List<Double> values) {}

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 9, 11, 12})
    void aRunKilledAfterAnyStepGoesOnToTheSameBits(int killedAfter) {
        Outcome straight = run(directory.resolve("straight"), false, 0);
        Path folder = directory.resolve("killed");
        assertThatThrownBy(() -> run(folder, false, killedAfter)).hasMessage("killed");
        Map<String, String> saved = Checkpoint.metadata(folder.resolve(ModelCheckpoint.LAST));
        assertThat(saved).containsEntry("step", Integer.toString(killedAfter));

        Outcome resumed = run(folder, true, 0);

        assertThat(resumed.stopReason()).isEqualTo(straight.stopReason());
        assertThat(resumed.values()).isEqualTo(straight.values());
        assertThat(resumed.epochs()).isNotEmpty();
        resumed.epochs()
                .forEach((epoch, result) ->
                        assertThat(result).isEqualTo(straight.epochs().get(epoch)));
    }

    /** Four batches an epoch, at most three epochs, saved after every step; what dies by an exception is not saved again. */
    private static Outcome run(Path folder, boolean resume, int killAfter) {
        DataLoader loader = TrainingRuns.loader(60, 16);
        DataLoader validation = DataLoader.of(GeneratedImages.test(3, 20), 20).build();
        Callback killer = new Callback() {
            @Override
            public void afterStep(Trainer trainer) {
                if (trainer.step() == killAfter) {
                    throw new IllegalStateException("killed");
                }
            }
        };
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = TrainingRuns.trainer(
                    session,
                    new Adam(1e-2),
                    new ModelCheckpoint(folder).every(1),
                    killer,
                    new EarlyStopping(3),
                    new EarlyStopping(7));
            return fit(trainer, resume ? folder.resolve(ModelCheckpoint.LAST) : null, loader, validation);
        }
    }

    private static Outcome fit(Trainer trainer, Path from, DataLoader loader, DataLoader validation) {
        try (Model model = trainer.model()) {
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            Map<Integer, String> results = new LinkedHashMap<>();
            for (EpochResult r : trainer.fit(loader, validation, 3)) {
                results.put(
                        r.epoch(),
                        r.loss() + " " + r.accuracy() + " " + r.validation().loss());
            }
            List<Double> values = new ArrayList<>();
            model.parameters().forEach((name, p) -> {
                for (double value : p.value().toDoubles()) {
                    values.add(value);
                }
            });
            trainer.callbacks().get(0).state().forEach((name, value) -> {
                if (name.equals("best")) {
                    values.add(Double.valueOf(value));
                }
            });
            return new Outcome(results, trainer.stopReason(), values);
        }
    }

    @Test
    void aTimeWorksAsWell() {
        try (Session session = Session.open("cpu-vector")) {
            List<Boolean> saved = new ArrayList<>();
            Callback watcher = new Callback() {
                @Override
                public void onStepEnd(Trainer trainer) {
                    saved.add(Files.exists(directory.resolve(ModelCheckpoint.LAST)));
                }
            };
            Trainer trainer = TrainingRuns.trainer(
                    session, new Adam(1e-2), new ModelCheckpoint(directory).every(Duration.ofNanos(1)), watcher);
            trainer.fit(TrainingRuns.loader(32, 16), 1);
            assertThat(saved).containsExactly(false, true);
            trainer.model().close();
        }
        ModelCheckpoint checkpoint = new ModelCheckpoint(directory);
        assertThatThrownBy(() -> checkpoint.every(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> checkpoint.every(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void earlyStoppingGoesOnCountingAfterAResume() {
        Path file = directory.resolve("run.safetensors");
        try (Session session = Session.open("cpu-vector")) {
            EarlyStopping stopping = new EarlyStopping(2);
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), stopping);
            trainer.fit(TrainingRuns.loader(32, 16), 1);
            stopping.restore(Map.of("patience", "2", "best", "-1.0", "waited", "1"));
            Checkpoint.save(file, trainer, Map.of());
            trainer.model().close();

            Trainer resumed = TrainingRuns.trainer(session, new Adam(1e-2), new EarlyStopping(2));
            Checkpoint.resume(file, resumed);
            assertThat(resumed.fit(TrainingRuns.loader(32, 16), 5)).hasSize(1);
            assertThat(resumed.stopReason()).contains("has not improved on -1.0000 for 2 epochs");
            assertThat(resumed.fit(TrainingRuns.loader(32, 16), 5)).isEmpty();
            resumed.model().close();
        }
    }

    /** The weights, running statistics and averaged weights of the best epoch are in the checkpoint. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 9, 12})
    void theBestWeightsAreRestoredAfterAResume(int stopAfter) {
        Path file = directory.resolve("run.safetensors");
        Map<String, double[]> straight = fitWithBestWeights(null, null, null);
        fitWithBestWeights(null, TrainingRuns.stopAfter(stopAfter), file);
        Map<String, double[]> resumed = fitWithBestWeights(file, null, null);
        assertThat(resumed.keySet()).isEqualTo(straight.keySet()).contains("ema", "1.running_mean");
        straight.forEach(
                (name, values) -> assertThat(resumed.get(name)).as(name).isEqualTo(values));
        try (Session session = Session.open("cpu-vector");
                Model model = Weights.load(file, session, TrainingRuns.smallNet())) {
            assertThat(model.isFinite()).isTrue(); // what is the callback's is passed over
            try (Trainer other = overshooting(model, new EarlyStopping(2), new Callback() {})) {
                assertThatThrownBy(() -> Checkpoint.resume(file, other))
                        .hasMessageContainingAll("trainer.callback.EarlyStopping.", "callbacks it was saved with");
            }
        }
    }

    /** Trains up to 4 epochs, of which the second is the best by a rate that makes the later ones worse. */
    private static Map<String, double[]> fitWithBestWeights(Path from, Callback stop, Path into) {
        Map<String, double[]> values = new LinkedHashMap<>();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, TrainingRuns.smallNet(), 11)) {
            Trainer trainer = overshooting(
                    model, new EarlyStopping(2).restoreBestWeights(), stop == null ? new Callback() {} : stop);
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(TrainingRuns.loader(60, 16), 4);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            } else {
                assertThat(trainer.epoch()).isEqualTo(4);
                assertThat(trainer.stopReason()).contains("not improved");
            }
            model.parameters().forEach((name, p) -> values.put(name, p.value().toDoubles()));
            values.put("ema", trainer.parameterStates().get("ema").toDoubles());
        }
        return values;
    }

    private static Trainer overshooting(Model model, Callback... callbacks) {
        Trainer.Builder builder = Trainer.classifier(model, new Adam(1e-2))
                .schedule(new WorseAfter(8))
                .ema(0.5);
        for (Callback callback : callbacks) {
            builder.callback(callback);
        }
        return builder.build();
    }

    /** Learning rates that undo what was learned, from a step on. */
    private record WorseAfter(long steps) implements Schedule {
        @Override
        public double factor(long step) {
            return step <= steps ? 0.3 : 300;
        }

        @Override
        public String settings() {
            return toString();
        }
    }

    @Test
    void otherCallbacksAreRefusedAndNothingIsChanged() {
        Path file = directory.resolve("run.safetensors");
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), new EarlyStopping(2));
            trainer.fit(TrainingRuns.loader(32, 16), 1);
            Checkpoint.save(file, trainer, Map.of());
            trainer.model().close();

            requireRefused(session, file, "It has a state of 'EarlyStopping'");
            requireRefused(session, file, "another patience than 3", new EarlyStopping(3));
            requireRefused(session, file, "no state of 'EarlyStopping#2'", new EarlyStopping(2), new EarlyStopping(2));
        }
    }

    private static void requireRefused(Session session, Path file, String message, Callback... callbacks) {
        Trainer other = TrainingRuns.trainer(session, new Adam(1e-2), callbacks);
        double[] before = other.model().values().toDoubles();
        List<Map<String, String>> states =
                other.callbacks().stream().map(Callback::state).toList();
        assertThatThrownBy(() -> Checkpoint.resume(file, other))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
        assertThat(other.model().values().toDoubles()).isEqualTo(before);
        assertThat(other.callbacks().stream().map(Callback::state).toList()).isEqualTo(states);
        assertThat(other.step()).isZero();
        other.model().close();
    }

    @Test
    void whatKilledSavesLeftIsRemovedAndNothingElse() throws IOException {
        Path abandoned = Files.createFile(directory.resolve("last.safetensors." + UUID.randomUUID() + ".tmp"));
        Path written = Files.createFile(directory.resolve("best.safetensors." + UUID.randomUUID() + ".tmp"));
        Path other = Files.createFile(directory.resolve("notes.tmp"));
        Path named = Files.createDirectory(directory.resolve("x." + UUID.randomUUID() + ".tmp"));
        try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThat(UnfinishedFiles.remove(directory)).containsExactly(abandoned);
        }
        assertThat(written).exists();
        assertThat(other).exists();
        assertThat(named).exists();
        assertThat(abandoned).doesNotExist();
        assertThat(UnfinishedFiles.remove(directory)).containsExactly(written);
        assertThat(UnfinishedFiles.remove(directory.resolve("gone"))).isEmpty();
    }
}
