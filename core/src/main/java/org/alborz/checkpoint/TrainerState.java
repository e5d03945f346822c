package org.alborz.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.data.LoaderDescription;
import org.alborz.text.Quoted;
import org.alborz.train.Trainer;

/** Where a run stands, as metadata of a checkpoint. All numbers are checked before any is used. */
record TrainerState(
        long step,
        long batches,
        int accumulated,
        int epoch,
        int nextBatch,
        double lossSum,
        double weightSum,
        long samples,
        LossScale scale) {
    private static final String STEP = "step";
    private static final String EPOCH = "epoch";
    private static final String NEXT_BATCH = "next_batch";
    private static final String LOSS_SUM = "epoch_loss_sum";
    private static final String WEIGHT_SUM = "epoch_weight_sum";
    private static final String SAMPLES = "epoch_samples";
    private static final String BATCHES = "batches_done";
    private static final String ACCUMULATED = "accumulated";

    /** Beyond any run, and far from where counting on would overflow. */
    private static final long MOST = 1L << 53;

    private static final long MOST_EPOCHS = 1L << 30;

    static Map<String, String> of(Trainer trainer) {
        Map<String, String> progress = new LinkedHashMap<>();
        progress.put(STEP, Long.toString(trainer.step()));
        progress.put(BATCHES, Long.toString(trainer.batches()));
        progress.put(ACCUMULATED, Integer.toString(trainer.accumulated()));
        progress.put(EPOCH, Integer.toString(trainer.epoch()));
        progress.put(NEXT_BATCH, Integer.toString(trainer.nextBatch()));
        progress.put(LOSS_SUM, Double.toString(trainer.metrics().lossSum()));
        progress.put(WEIGHT_SUM, Double.toString(trainer.metrics().weightSum()));
        progress.put(SAMPLES, Long.toString(trainer.metrics().samples()));
        progress.putAll(LossScale.of(trainer.model()));
        return progress;
    }

    static TrainerState read(String file, Map<String, String> metadata, Trainer trainer) {
        TrainerState state = new TrainerState(
                wholeNumber(file, metadata, STEP, MOST),
                wholeNumber(file, metadata, BATCHES, MOST),
                (int) wholeNumber(file, metadata, ACCUMULATED, MOST_EPOCHS),
                (int) wholeNumber(file, metadata, EPOCH, MOST_EPOCHS),
                (int) wholeNumber(file, metadata, NEXT_BATCH, MOST_EPOCHS),
                number(file, metadata, LOSS_SUM),
                number(file, metadata, WEIGHT_SUM),
                wholeNumber(file, metadata, SAMPLES, MOST),
                trainer.model().lossScaler() == null ? null : LossScale.read(file, metadata));
        state.requireConsistent(file, metadata);
        return state;
    }

    private void requireConsistent(String file, Map<String, String> metadata) {
        if (!Double.isFinite(lossSum) || samples == 0 && lossSum != 0) {
            throw wrong(file, metadata, LOSS_SUM, null);
        }
        if (!(weightSum >= 0 && Double.isFinite(weightSum)) || samples == 0 && weightSum != 0) {
            throw wrong(file, metadata, WEIGHT_SUM, null);
        }
        if (batches < step + (accumulated > 0 ? 1 : 0) || accumulated > batches) {
            throw contradiction(
                    file,
                    BATCHES + " " + batches + " is fewer than " + STEP + " " + step + " and " + ACCUMULATED + " "
                            + accumulated + " take");
        }
        if (batches < (long) epoch + nextBatch) { // an epoch has one batch at least
            throw contradiction(
                    file,
                    BATCHES + " " + batches + " is fewer than " + EPOCH + " " + epoch + " and " + NEXT_BATCH + " "
                            + nextBatch + " take");
        }
        if (step < epoch) {
            throw contradiction(file, STEP + " " + step + " is fewer than " + EPOCH + " " + epoch + " takes");
        }
    }

    /** Refuses a place that the trainer or the loader of the run does not have. */
    void requireWithin(String file, Trainer trainer, LoaderDescription loader) {
        if (accumulated >= trainer.accumulation()) {
            throw contradiction(
                    file,
                    ACCUMULATED + " is " + accumulated + ", and a step has " + trainer.accumulation() + " batches");
        }
        String perEpoch = loader == null ? null : loader.settings().get("batches");
        if (perEpoch != null && nextBatch > 0 && !isWithin(perEpoch)) {
            throw contradiction(
                    file, NEXT_BATCH + " is " + nextBatch + ", and an epoch has " + Quoted.text(perEpoch) + " batches");
        }
    }

    private boolean isWithin(String perEpoch) {
        try {
            return nextBatch <= Integer.parseInt(perEpoch);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static CheckpointException contradiction(String file, String what) {
        return new CheckpointException(
                file + " cannot be resumed: its metadata contradict each other: " + what + "; use another checkpoint");
    }

    void restore(Trainer trainer, LoaderDescription loader) {
        trainer.metrics().restore(lossSum, weightSum, samples);
        trainer.resumeAt(step, batches, epoch, nextBatch, accumulated);
        trainer.expectLoader(loader);
        if (scale != null) {
            scale.restore(trainer.model());
        }
    }

    static long wholeNumber(String file, Map<String, String> metadata, String name, long most) {
        try {
            long value = Long.parseLong(text(file, metadata, name));
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw wrong(file, metadata, name, e);
        }
        throw wrong(file, metadata, name, null);
    }

    static double number(String file, Map<String, String> metadata, String name) {
        try {
            return Double.parseDouble(text(file, metadata, name));
        } catch (NumberFormatException e) {
            throw wrong(file, metadata, name, e);
        }
    }

    private static String text(String file, Map<String, String> metadata, String name) {
        String text = metadata.get(name);
        if (text == null) {
            throw new CheckpointException(file + " cannot be resumed: its metadata lack '" + name
                    + "'; resume from a file that Checkpoint.save or ModelCheckpoint wrote");
        }
        return text;
    }

    static CheckpointException wrong(String file, Map<String, String> metadata, String name, Exception cause) {
        return new CheckpointException(
                file + " cannot be resumed: its metadata give " + name + " as " + Quoted.text(metadata.get(name))
                        + ", which is no such number",
                cause);
    }
}
