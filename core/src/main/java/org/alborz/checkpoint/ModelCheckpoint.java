package org.alborz.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Monitor;
import org.alborz.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves {@code last.safetensors} after each epoch, and {@code best.safetensors} when what it monitors is the best so far: unless told
 * otherwise the accuracy, or the loss where no accuracy is measured, of the validation where there is one. The earlier of equal ones is kept,
 * and what is no finite number is never the best. Losses, weights or optimizer states that are no finite numbers are not saved.
 *
 * <p>{@link #every(long)} and {@link #every(Duration)} save {@code last.safetensors} within an epoch as well:
 *
 * <pre>{@code
 * new ModelCheckpoint(directory).every(500).every(Duration.ofMinutes(10))
 * }</pre>
 */
public final class ModelCheckpoint implements Callback {
    /** The file to resume from. */
    public static final String LAST = "last.safetensors";

    /** The file to evaluate and predict with. */
    public static final String BEST = "best.safetensors";

    private static final String MONITOR = "monitor";
    private static final String BEST_VALUE = "best";
    private static final String BEST_OF = "best_of";
    private static final String ACCURACY = "accuracy";

    private static final Logger log = LoggerFactory.getLogger(ModelCheckpoint.class);

    private final Path directory;
    private final Map<String, String> provenance;
    private final long everySteps;
    private final long everyNanos;
    private final LongSupplier clock;

    /** Null where it was not told what to monitor. */
    private final Monitor monitor;

    private long savedAt;

    /** NaN before the first epoch. */
    private double best = Double.NaN;

    /** The monitor that the best is of, in words, which may change where none was named; empty before the first epoch. */
    private String bestOf = "";

    /** Saves into a directory, which is made where it is missing. */
    public ModelCheckpoint(Path directory) {
        this(directory, Map.of());
    }

    /**
     * Saves into a directory, which is made where it is missing.
     *
     * @param provenance what the files say of themselves besides, such as which program made them; {@link Checkpoint#metadata} reads it
     */
    public ModelCheckpoint(Path directory, Map<String, String> provenance) {
        this(
                Given.value(directory, "ModelCheckpoint", "a directory"),
                Map.copyOf(Given.value(provenance, "ModelCheckpoint", "a map of provenance")),
                0,
                0,
                System::nanoTime,
                null);
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
            Path directory,
            Map<String, String> provenance,
            long everySteps,
            long everyNanos,
            LongSupplier clock,
            Monitor monitor) {
        this.directory = directory;
        this.provenance = provenance;
        this.everySteps = everySteps;
        this.everyNanos = everyNanos;
        this.clock = clock;
        this.monitor = monitor;
    }

    /** Returns one that keeps as the best what is best by the given loss or metric. */
    public ModelCheckpoint monitor(Monitor value) {
        return new ModelCheckpoint(
                directory,
                provenance,
                everySteps,
                everyNanos,
                clock,
                Given.value(value, "ModelCheckpoint", "a monitor"));
    }

    /** Returns one that also saves whenever the number of the step, counted through all epochs, is a multiple of {@code steps}. */
    public ModelCheckpoint every(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("ModelCheckpoint saves every 1 step or more, got " + steps);
        }
        return new ModelCheckpoint(directory, provenance, steps, everyNanos, clock, monitor);
    }

    /** Returns one that also saves after the first step that ends this long after the last save or the start. */
    public ModelCheckpoint every(Duration time) {
        if (Given.value(time, "ModelCheckpoint", "a time").isNegative() || time.isZero()) {
            throw new IllegalArgumentException("ModelCheckpoint saves every so often, got a time of " + time);
        }
        boolean long292Years = time.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0;
        return new ModelCheckpoint(
                directory, provenance, everySteps, long292Years ? Long.MAX_VALUE : time.toNanos(), clock, monitor);
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
        Monitor watched = monitor != null ? monitor : usual(result);
        double value = watched.of(result);
        boolean first = Double.isNaN(best) || !bestOf.isEmpty() && !bestOf.equals(watched.toString());
        boolean better = Double.isFinite(value) && watched.isBetter(value, first ? watched.worst() : best);
        if (better) {
            best = value;
            bestOf = watched.toString();
        }
        Map<String, String> described = new LinkedHashMap<>(provenance);
        described.put(keyOf(watched), Double.toString(value));
        if (better) {
            save(BEST, trainer, described);
        }
        save(LAST, trainer, described);
        savedAt = clock.getAsLong();
    }

    /** Returns the key of the metadata for the value, which must be none that checkpoints use for their own settings, as "loss" is. */
    private String keyOf(Monitor watched) {
        if (monitor == null && watched.name().endsWith(ACCURACY)) {
            return ACCURACY;
        }
        return RunSettings.isReserved(watched.name()) ? "monitored_" + watched.name() : watched.name();
    }

    private static Monitor usual(EpochResult result) {
        String prefix = result.validation() == null ? "" : "val_";
        return result.figures().containsKey(prefix + ACCURACY)
                ? Monitor.max(prefix + ACCURACY)
                : Monitor.min(prefix + "loss");
    }

    /** Returns the best value so far of what it monitors; NaN before the first epoch. */
    public double best() {
        return best;
    }

    /** Takes the next epoch for the best, such as after its file was lost. */
    public void forgetBest() {
        best = Double.NaN;
        bestOf = "";
    }

    @Override
    public Set<String> monitored() {
        return monitor == null ? Set.of() : Set.of(monitor.name());
    }

    @Override
    public Map<String, String> state() {
        return Map.of(
                MONITOR, monitor == null ? "" : monitor.toString(), BEST_VALUE, Double.toString(best), BEST_OF, bestOf);
    }

    @Override
    public void restore(Map<String, String> state) {
        String own = state().get(MONITOR);
        if (!own.equals(state.get(MONITOR))) {
            throw new IllegalArgumentException("ModelCheckpoint was saved with another monitor than '" + own + "': "
                    + Quoted.text(state.get(MONITOR)));
        }
        double saved;
        try {
            saved = Double.parseDouble(String.valueOf(state.get(BEST_VALUE)));
        } catch (NumberFormatException e) {
            throw wrong(state, e);
        }
        if (Double.isInfinite(saved)) {
            throw wrong(state, null);
        }
        best = saved;
        bestOf = state.getOrDefault(BEST_OF, ""); // files of before had none
    }

    private static IllegalArgumentException wrong(Map<String, String> state, Exception cause) {
        return new IllegalArgumentException(
                "ModelCheckpoint cannot go on from best " + Quoted.text(state.get(BEST_VALUE))
                        + ", which is no such number",
                cause);
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
