package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alborz.checkpoint.BackupAndRestore;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a backup is saved, kept and taken; {@code AllCallbacksResumeTest} of the module monitor goes on from one. */
class BackupAndRestoreTest {
    @TempDir
    Path directory;

    /** Fails at the end of an epoch, when all others have been told. */
    private static final class Failing implements Callback {
        private boolean failed;

        @Override
        public void afterEpoch(Trainer trainer, EpochResult result) {
            if (!failed) {
                failed = true;
                throw new IllegalStateException("killed at after epoch");
            }
        }
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
                Trainer trainer =
                        TrainingRuns.trainer(session, new Adam(1e-2), new BackupAndRestore(directory), new Failing())) {
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
