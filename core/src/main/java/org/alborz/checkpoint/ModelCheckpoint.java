package org.alborz.checkpoint;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
 * <p>{@link #every(long)} and {@link #every(Duration)} save {@code last.safetensors} within an epoch as well, {@link #bestOnly} keeps the best alone,
 * {@link #weightsOnly} leaves out what only a resumed run needs, and {@link #fileName} keeps a file of each save:
 *
 * <pre>{@code
 * new ModelCheckpoint(directory).every(500).every(Duration.ofMinutes(10))
 * new ModelCheckpoint(directory).monitor(Monitor.min("val_loss")).bestOnly().weightsOnly()
 * new ModelCheckpoint(directory).fileName("epoch-{epoch:03d}-{val_loss:.4f}")
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
    private final Choice choice;
    private long savedAt;

    /** NaN before the first epoch. */
    private double best = Double.NaN;

    /** The monitor that the best is of, in words, which may change where none was named; empty before the first epoch. */
    private String bestOf = "";

    /**
     * What is saved and when.
     *
     * @param monitor null where it was not told what to monitor
     * @param everySteps 0 for no saves by steps
     * @param everyNanos 0 for no saves by time
     * @param name null for the usual two
     */
    private record Choice(
            Monitor monitor, long everySteps, long everyNanos, boolean bestOnly, boolean weightsOnly, FileName name) {
        Choice {
            if (bestOnly && (everySteps > 0 || everyNanos > 0)) {
                throw new IllegalArgumentException(
                        "ModelCheckpoint compares at the ends of epochs, so bestOnly() leaves"
                                + " every(…) nothing to save; leave out one of them, or use two checkpoints in two directories");
            }
        }
    }

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
                new Choice(null, 0, 0, false, false, null));
        RunSettings.requireNotReserved(provenance);
        UnfinishedFiles.make(directory);
    }

    private ModelCheckpoint(Path directory, Map<String, String> provenance, Choice choice) {
        this.directory = directory;
        this.provenance = provenance;
        this.choice = choice;
    }

    private ModelCheckpoint with(Choice other) {
        return new ModelCheckpoint(directory, provenance, other);
    }

    /** Returns one that keeps as the best what is best by the given loss or metric. */
    public ModelCheckpoint monitor(Monitor value) {
        Given.value(value, "ModelCheckpoint", "a monitor");
        return with(new Choice(
                value,
                choice.everySteps(),
                choice.everyNanos(),
                choice.bestOnly(),
                choice.weightsOnly(),
                choice.name()));
    }

    /** Returns one that also saves whenever the number of the step, counted through all epochs, is a multiple of {@code steps}. */
    public ModelCheckpoint every(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("ModelCheckpoint saves every 1 step or more, got " + steps);
        }
        return with(new Choice(
                choice.monitor(), steps, choice.everyNanos(), choice.bestOnly(), choice.weightsOnly(), choice.name()));
    }

    /** Returns one that also saves after the first step that ends this long after the last save or the start. */
    public ModelCheckpoint every(Duration time) {
        if (Given.value(time, "ModelCheckpoint", "a time").isNegative() || time.isZero()) {
            throw new IllegalArgumentException("ModelCheckpoint saves every so often, got a time of " + time);
        }
        return with(new Choice(
                choice.monitor(),
                choice.everySteps(),
                TimeUnit.NANOSECONDS.convert(time),
                choice.bestOnly(),
                choice.weightsOnly(),
                choice.name()));
    }

    /** Returns one that saves only what is the best so far (Keras's {@code save_best_only}); a run cannot be resumed from the last epoch then. */
    public ModelCheckpoint bestOnly() {
        return with(new Choice(
                choice.monitor(), choice.everySteps(), choice.everyNanos(), true, choice.weightsOnly(), choice.name()));
    }

    /**
     * Returns one whose files hold the model's weights and states alone (Keras's {@code save_weights_only}): {@link Weights#load(Path,
     * org.alborz.nn.Model)} reads them, and no run can be resumed from them. They have no provenance.
     */
    public ModelCheckpoint weightsOnly() {
        return with(new Choice(
                choice.monitor(), choice.everySteps(), choice.everyNanos(), choice.bestOnly(), true, choice.name()));
    }

    /**
     * Returns one that saves under names of its own in place of {@code last} and {@code best}, and removes none: a file for each save.
     *
     * @param pattern with {@code {epoch}}, {@code {step}}, {@code {batch}} or a loss or metric in it, with a format where one is wanted, such as {@code
     *     epoch-{epoch:03d}-{val_loss:.4f}}; {@code .safetensors} is added where it lacks. Saves within an epoch know no figures of the validation
     */
    public ModelCheckpoint fileName(String pattern) {
        return with(new Choice(
                choice.monitor(),
                choice.everySteps(),
                choice.everyNanos(),
                choice.bestOnly(),
                choice.weightsOnly(),
                new FileName(pattern)));
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    /** Removes what killed processes left half-written, and starts the clock. */
    @Override
    public void onTrainBegin(Trainer trainer) {
        UnfinishedFiles.remove(directory);
        savedAt = System.nanoTime();
        if (choice.name() != null && (choice.everySteps() > 0 || choice.everyNanos() > 0)) {
            choice.name().requireWithinEpoch();
        }
    }

    @Override
    public void afterStep(Trainer trainer) {
        if (isDue(trainer.step()) && isFinite(trainer, trainer.metrics().loss())) {
            String name = choice.name() == null
                    ? LAST
                    : choice.name().of(trainer.epoch() + 1, trainer, runningFigures(trainer));
            save(name, trainer, provenance);
            savedAt = System.nanoTime();
        }
    }

    private boolean isDue(long step) {
        return choice.everySteps() > 0 && step % choice.everySteps() == 0
                || choice.everyNanos() > 0 && System.nanoTime() - savedAt >= choice.everyNanos();
    }

    private static Map<String, Double> runningFigures(Trainer trainer) {
        Map<String, Double> figures =
                new LinkedHashMap<>(Map.of("loss", trainer.metrics().loss()));
        figures.putAll(trainer.metrics().values());
        return figures;
    }

    @Override
    public void afterEpoch(Trainer trainer, EpochResult result) {
        if (!isFinite(trainer, result.isFinite() ? 0 : Double.NaN)) {
            return;
        }
        Monitor watched = choice.monitor() != null ? choice.monitor() : usual(result);
        double value = watched.of(result);
        boolean first = Double.isNaN(best) || !bestOf.isEmpty() && !bestOf.equals(watched.toString());
        boolean better = Double.isFinite(value) && watched.isBetter(value, first ? watched.worst() : best);
        if (better) {
            best = value;
            bestOf = watched.toString();
        }
        Map<String, String> described = new LinkedHashMap<>(provenance);
        described.put(keyOf(watched), Double.toString(value));
        if (choice.name() != null) {
            if (better || !choice.bestOnly()) {
                save(choice.name().of(result.epoch(), trainer, result.figures()), trainer, described);
            }
        } else {
            if (better) {
                save(BEST, trainer, described);
            }
            if (!choice.bestOnly()) {
                save(LAST, trainer, described);
            }
        }
        savedAt = System.nanoTime();
    }

    /** Returns the key of the metadata for the value, which must be none that checkpoints use for their own settings, as "loss" is. */
    private String keyOf(Monitor watched) {
        if (choice.monitor() == null && watched.name().endsWith(ACCURACY)) {
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
        Set<String> names = new LinkedHashSet<>();
        if (choice.monitor() != null) {
            names.add(choice.monitor().name());
        }
        if (choice.name() != null) {
            names.addAll(choice.name().figures());
        }
        return names;
    }

    @Override
    public Map<String, String> state() {
        String words = choice.monitor() == null ? "" : choice.monitor().toString();
        return Map.of(MONITOR, words, BEST_VALUE, Double.toString(best), BEST_OF, bestOf);
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
        if (choice.weightsOnly()) {
            Weights.save(directory.resolve(name), trainer.model());
        } else {
            Checkpoint.save(directory.resolve(name), trainer, described);
        }
    }
}
