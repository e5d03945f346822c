package org.alborz.checkpoint;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.data.LoaderDescription;
import org.alborz.train.Trainer;

/** Where a run stands, and the settings that have to be the same to go on from there; as metadata of a checkpoint. */
final class TrainerState {
    private static final String SEED = "seed";
    private static final String OPTIMIZER = "optimizer";
    private static final String SCHEDULE = "schedule";
    private static final String LOADER = "loader.";
    private static final String STEP = "step";
    private static final String EPOCH = "epoch";
    private static final String NEXT_BATCH = "next_batch";
    private static final String LOSS_SUM = "epoch_loss_sum";
    private static final String CORRECT = "epoch_correct";
    private static final String SAMPLES = "epoch_samples";
    private static final String BEST = "best_metric";

    private final Path file;
    private final Map<String, String> metadata;

    private TrainerState(Path file, Map<String, String> metadata) {
        this.file = file;
        this.metadata = metadata;
    }

    static Map<String, String> settings(Trainer trainer) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(SEED, Long.toString(trainer.seed()));
        settings.put(
                OPTIMIZER,
                trainer.optimizer().name() + " learning_rate="
                        + trainer.optimizer().learningRate() + " "
                        + trainer.optimizer().settings());
        settings.put(SCHEDULE, trainer.schedule().settings());
        if (trainer.loader() != null) {
            trainer.loader().description().settings().forEach((name, value) -> settings.put(LOADER + name, value));
        }
        return settings;
    }

    static Map<String, String> progress(Trainer trainer) {
        Map<String, String> progress = new LinkedHashMap<>();
        progress.put(STEP, Long.toString(trainer.step()));
        progress.put(EPOCH, Integer.toString(trainer.epoch()));
        progress.put(NEXT_BATCH, Integer.toString(trainer.nextBatch()));
        progress.put(LOSS_SUM, Double.toString(trainer.metrics().lossSum()));
        progress.put(CORRECT, Double.toString(trainer.metrics().correct()));
        progress.put(SAMPLES, Long.toString(trainer.metrics().samples()));
        progress.put(BEST, Double.toString(trainer.best()));
        return progress;
    }

    /** Reads what a file says; numbers are checked before anything is changed. */
    static TrainerState read(Path file, Map<String, String> metadata) {
        TrainerState state = new TrainerState(file, metadata);
        state.wholeNumber(STEP);
        state.wholeNumber(EPOCH);
        state.wholeNumber(NEXT_BATCH);
        state.wholeNumber(SAMPLES);
        state.number(LOSS_SUM);
        state.number(CORRECT);
        state.number(BEST);
        return state;
    }

    /** Refuses a trainer with other settings, naming the first that differs. */
    void requireSame(Trainer trainer) {
        settings(trainer).forEach((name, current) -> {
            String saved = metadata.get(name);
            if (saved != null && !current.equals(saved)) {
                throw new CheckpointException(file + " was saved by a run with " + name + " '" + saved
                        + "', and this run has '" + current + "'; use the same settings to go on, or start a new run");
            }
        });
    }

    void restore(Trainer trainer) {
        trainer.resumeAt(
                wholeNumber(STEP), Math.toIntExact(wholeNumber(EPOCH)), Math.toIntExact(wholeNumber(NEXT_BATCH)));
        trainer.metrics().restore(number(LOSS_SUM), number(CORRECT), wholeNumber(SAMPLES));
        trainer.best(number(BEST));
        trainer.expectLoader(loader());
    }

    private LoaderDescription loader() {
        Map<String, String> settings = new LinkedHashMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(LOADER)) {
                settings.put(key.substring(LOADER.length()), value);
            }
        });
        return settings.isEmpty() ? null : new LoaderDescription(settings);
    }

    private long wholeNumber(String name) {
        try {
            long value = Long.parseLong(text(name));
            if (value >= 0 && (name.equals(STEP) || name.equals(SAMPLES) || value <= Integer.MAX_VALUE)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw wrong(name, e);
        }
        throw wrong(name, null);
    }

    private double number(String name) {
        try {
            return Double.parseDouble(text(name));
        } catch (NumberFormatException e) {
            throw wrong(name, e);
        }
    }

    private String text(String name) {
        String text = metadata.get(name);
        if (text == null) {
            throw new CheckpointException(
                    file + " cannot be resumed: its metadata lack '" + name + "'; was it saved by a trainer?");
        }
        return text;
    }

    private CheckpointException wrong(String name, Exception cause) {
        return new CheckpointException(
                file + " cannot be resumed: its metadata give " + name + " as '" + metadata.get(name)
                        + "', which is no such number",
                cause);
    }
}
