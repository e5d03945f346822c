package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alborz.checkpoint.BackupAndRestore;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
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

    private void requireSame(int seed) throws IOException {
        Random random = new Random(seed);
        Map<String, String> straight =
                AllCallbacksProgram.start(directory.resolve("straight"), EPOCHS, new Failing("never", 0), random);
        Path folder = directory.resolve("killed");
        Map<String, String> result = null;
        int kills = 0;
        while (result == null) {
            String place = PLACES.get(random.nextInt(PLACES.size()));
            boolean rare = place.startsWith("test") || place.contains("epoch");
            int count = kills >= 8 ? 0 : 1 + random.nextInt(rare ? 2 : 6);
            result = AllCallbacksProgram.start(folder, EPOCHS, new Failing(place, count), random);
            kills += result == null ? 1 : 0;
        }
        assertThat(kills).isPositive();
        assertThat(result.get("files")).contains("run.csv", "best.safetensors").doesNotContain("backup");
        assertThat(result).isEqualTo(straight);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aRunThatWasKilledEndsWithTheBitsOfOneThatWasNot(int seed) throws IOException {
        requireSame(seed);
    }

    /** A kill between two callbacks leaves a backup of before what the later ones have not done yet, wherever it stands among them. */
    @Test
    void theBackupIsSavedAfterAllOthersHaveDoneTheirPart() {
        DataLoader data = TrainingRuns.loader(32, 16);
        Path file = directory.resolve(BackupAndRestore.FILE);
        List<String> stands = new ArrayList<>();
        Callback later = new Callback() {
            @Override
            public void afterStep(Trainer trainer) {
                note(trainer.step());
            }

            @Override
            public void afterEpoch(Trainer trainer, EpochResult result) {
                note(trainer.step());
            }

            private void note(long step) {
                stands.add(step + " with "
                        + (Files.exists(file) ? Checkpoint.metadata(file).get("step") : "none"));
            }
        };
        try (Session session = Session.open("cpu-vector");
                Trainer trainer = TrainingRuns.trainer(
                        session, new Adam(1e-2), new BackupAndRestore(directory).every(1), later)) {
            trainer.fit(data, 1);
            assertThat(stands).containsExactly("1 with none", "2 with 1", "2 with 2");
            trainer.model().close();
        }
    }

    /** What was trained is in memory alone then, and lost with the program. */
    @Test
    void aBackupIsKeptWhereACallbackFailsAfterTheLastEpoch() {
        DataLoader data = TrainingRuns.loader(32, 16);
        Path file = directory.resolve(BackupAndRestore.FILE);
        try (Session session = Session.open("cpu-vector");
                Trainer trainer = TrainingRuns.trainer(
                        session, new Adam(1e-2), new BackupAndRestore(directory), new Failing("after epoch", 1))) {
            assertThatThrownBy(() -> trainer.fit(data, 1)).hasMessage("killed at after epoch");
            assertThat(Checkpoint.metadata(file)).containsEntry("step", "2");
            assertThat(trainer.fit(data, 1)).isEmpty();
            assertThat(file).doesNotExist();
            trainer.model().close();
        }
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
