package org.alborz.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a program that was killed go on by itself when it is started again: saves the whole run to {@code backup.safetensors} in a directory, and {@link
 * Trainer#fit} goes on from there, to the same bits, where the trainer has not come as far. Once all epochs are done, the file is removed, unless told
 * otherwise; a training that was stopped earlier, or ends by an exception, keeps it.
 *
 * <pre>{@code
 * trainer = Trainer.classifier(model, optimizer).callback(new BackupAndRestore(directory).every(500)).build();
 * trainer.fit(data, 20); // from the beginning, or from where the last start was killed
 * }</pre>
 *
 * <p>In a group of ranks all go on from the file, which rank 0 writes: the directory is one that all of them see.
 *
 * <p>Each run has a directory of its own. Files of weights or for evaluation are {@link ModelCheckpoint}'s.
 */
public final class BackupAndRestore implements Callback {
    /** The name of the file. */
    public static final String FILE = "backup.safetensors";

    private static final Logger log = LoggerFactory.getLogger(BackupAndRestore.class);

    private final Path directory;
    private final long everySteps;
    private final boolean deleting;

    /** Saves after each epoch into a directory, which is made where it is missing. */
    public BackupAndRestore(Path directory) {
        this(Given.value(directory, "BackupAndRestore", "a directory"), 0, true);
        UnfinishedFiles.make(directory);
    }

    private BackupAndRestore(Path directory, long everySteps, boolean deleting) {
        this.directory = directory;
        this.everySteps = everySteps;
        this.deleting = deleting;
    }

    /** Returns one that also saves whenever the number of the step is a multiple of {@code steps} (Keras's {@code save_freq}). */
    public BackupAndRestore every(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("BackupAndRestore saves every 1 step or more, got " + steps);
        }
        return new BackupAndRestore(directory, steps, deleting);
    }

    /** Returns one that removes the file when all epochs are done, as unless set, or keeps it (Keras's {@code delete_checkpoint}). */
    public BackupAndRestore deleteCheckpoint(boolean value) {
        return new BackupAndRestore(directory, everySteps, value);
    }

    private Path file() {
        return directory.resolve(FILE);
    }

    /**
     * Goes on from the file where it is further than the trainer.
     *
     * @throws CheckpointException as {@link Checkpoint#resume}
     */
    @Override
    public void onFitBegin(Trainer trainer) {
        if (trainer.rank() == 0) {
            UnfinishedFiles.remove(directory);
        }
        if (!Files.exists(file())) {
            return;
        }
        String saved = Checkpoint.metadata(file()).get("batches_done");
        if (saved == null || !saved.matches("\\d{1,18}")) {
            throw new CheckpointException(file() + " cannot be gone on from: its metadata give batches_done as "
                    + Quoted.text(saved) + "; remove it to start over");
        }
        if (Long.parseLong(saved) > trainer.batches()) {
            Checkpoint.resume(file(), trainer);
            log.info(
                    "Going on from {} after epoch {}, batch {} (step {}).",
                    file(),
                    trainer.epoch(),
                    trainer.nextBatch(),
                    trainer.step());
        }
    }

    @Override
    public boolean savesRun() {
        return true;
    }

    @Override
    public void afterStep(Trainer trainer) {
        if (everySteps > 0 && trainer.step() % everySteps == 0) {
            save(trainer);
        }
    }

    @Override
    public void afterEpoch(Trainer trainer, EpochResult result) {
        save(trainer);
    }

    private void save(Trainer trainer) {
        if (trainer.rank() > 0) {
            return;
        }
        if (Checkpoint.isFinite(trainer)) {
            Checkpoint.save(file(), trainer, Map.of());
        } else {
            log.warn(
                    "By step {} weights or optimizer states are no finite numbers; {} stays as it was.",
                    trainer.step(),
                    file());
        }
    }

    /** Removes the file where all epochs are done; where a callback failed after the last one it stays, since nobody has the weights yet. */
    @Override
    public void onFitEnd(Trainer trainer) {
        if (deleting && trainer.rank() == 0 && trainer.stopReason() == null && trainer.epoch() >= trainer.epochs()) {
            try {
                Files.deleteIfExists(file());
            } catch (IOException e) {
                throw new CheckpointException(
                        file() + " cannot be removed: " + e + "; remove it, or the next training goes on from it", e);
            }
        }
    }
}
