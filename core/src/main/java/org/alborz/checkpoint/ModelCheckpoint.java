package org.alborz.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves {@code last.safetensors} after each epoch, and {@code best.safetensors} when the accuracy, of the validation where there is
 * one, is the best so far. Losses, weights or optimizer states that are no finite numbers are not saved.
 *
 * <p>{@link #every(long)} and {@link #every(Duration)} save {@code last.safetensors} within an epoch as well:
 *
 * <pre>{@code
 * new ModelCheckpoint(directory, Map.of()).every(500).every(Duration.ofMinutes(10))
 * }</pre>
 */
public final class ModelCheckpoint implements Callback {
    /** The file to resume from. */
    public static final String LAST = "last.safetensors";

    /** The file to evaluate and predict with. */
    public static final String BEST = "best.safetensors";

    private static final Logger log = LoggerFactory.getLogger(ModelCheckpoint.class);

    private final Path directory;
    private final Map<String, String> provenance;
    private final long everySteps;
    private final long everyNanos;
    private final LongSupplier clock;
    private long savedAt;

    /** Saves into a directory, which is made where it is missing. */
    public ModelCheckpoint(Path directory, Map<String, String> provenance) {
        this(directory, Map.copyOf(provenance), 0, 0, System::nanoTime);
        RunSettings.requireNotReserved(provenance);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new CheckpointException(
                    "The directory " + directory + " for checkpoints cannot be made: " + e
                            + "; name another or correct its permissions",
                    e);
        }
    }

    ModelCheckpoint(
            Path directory, Map<String, String> provenance, long everySteps, long everyNanos, LongSupplier clock) {
        this.directory = directory;
        this.provenance = provenance;
        this.everySteps = everySteps;
        this.everyNanos = everyNanos;
        this.clock = clock;
    }

    /** Returns one that also saves whenever the number of the step, counted through all epochs, is a multiple of {@code steps}. */
    public ModelCheckpoint every(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("ModelCheckpoint saves every 1 step or more, got " + steps);
        }
        return new ModelCheckpoint(directory, provenance, steps, everyNanos, clock);
    }

    /** Returns one that also saves after the first step that ends this long after the last save or the start. */
    public ModelCheckpoint every(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("ModelCheckpoint saves every so often, got a time of " + time);
        }
        boolean long292Years = time.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0;
        return new ModelCheckpoint(
                directory, provenance, everySteps, long292Years ? Long.MAX_VALUE : time.toNanos(), clock);
    }

    /** Removes what killed processes left half-written, and starts the clock. */
    @Override
    public void onTrainBegin(Trainer trainer) {
        UnfinishedFiles.remove(directory);
        savedAt = clock.getAsLong();
    }

    @Override
    public void afterStep(Trainer trainer) {
        if (isDue(trainer.step()) && isFinite(trainer, trainer.metrics().loss())) {
            save(LAST, trainer, provenance);
            savedAt = clock.getAsLong();
        }
    }

    private boolean isDue(long step) {
        return everySteps > 0 && step % everySteps == 0 || everyNanos > 0 && clock.getAsLong() - savedAt >= everyNanos;
    }

    @Override
    public void afterEpoch(Trainer trainer, EpochResult result) {
        if (!isFinite(trainer, result.isFinite() ? 0 : Double.NaN)) {
            return;
        }
        double accuracy = result.validation() == null
                ? result.accuracy()
                : result.validation().accuracy();
        boolean better = accuracy > trainer.best();
        if (better) {
            trainer.best(accuracy);
        }
        Map<String, String> described = new LinkedHashMap<>(provenance);
        described.put("accuracy", Double.toString(accuracy));
        if (better) {
            save(BEST, trainer, described);
        }
        save(LAST, trainer, described);
        savedAt = clock.getAsLong();
    }

    private boolean isFinite(Trainer trainer, double loss) {
        if (Double.isFinite(loss) && Checkpoint.isFinite(trainer)) {
            return true;
        }
        log.warn(
                "By step {} losses, weights or optimizer states are no finite numbers; the checkpoints in {} stay as they were.",
                trainer.step(),
                directory);
        return false;
    }

    private void save(String name, Trainer trainer, Map<String, String> described) {
        Checkpoint.save(directory.resolve(name), trainer, described);
    }
}
