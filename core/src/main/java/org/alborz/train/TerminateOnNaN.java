package org.alborz.train;

import org.alborz.data.DataLoader;

/**
 * Stops when the loss is not a finite number any more, looking only after each given number of steps, since looking waits for the device. The reason says
 * whether the data, their transforms or the weights are the cause.
 */
public final class TerminateOnNaN implements Callback {
    private final int everySteps;

    /** Looks every 50 steps. */
    public TerminateOnNaN() {
        this(50);
    }

    public TerminateOnNaN(int everySteps) {
        if (everySteps < 1) {
            throw new IllegalArgumentException(
                    "TerminateOnNaN expects to look every 1 step or more, got " + everySteps);
        }
        this.everySteps = everySteps;
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        if (trainer.step() % everySteps == 0) {
            double loss = trainer.metrics().loss();
            if (!Double.isFinite(loss)) {
                trainer.stop(reason(trainer, loss, trainer.epoch(), trainer.nextBatch(), everySteps));
            }
        }
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        if (!result.isFinite()) {
            trainer.stop(reason(trainer, result, everySteps));
        }
    }

    /**
     * Returns what made the loss of an epoch, or of its validation, no number.
     *
     * @param batches how many of the last batches of the epoch may be the cause
     */
    static String reason(Trainer trainer, EpochResult result, int batches) {
        if (Double.isFinite(result.loss())) {
            double loss = result.validation().loss();
            return new LossDiagnosis(trainer, "validation loss", loss)
                    .reason(trainer.validation(), 0, 0, Integer.MAX_VALUE);
        }
        return reason(trainer, result.loss(), result.epoch() - 1, Integer.MAX_VALUE, batches);
    }

    /** Returns it for a training loss that was finite, or not looked at, up to {@code batches} before {@code to}. */
    private static String reason(Trainer trainer, double loss, int epoch, int to, int batches) {
        DataLoader train = trainer.loader();
        int end = train == null ? 0 : Math.min(to, train.batchesPerEpoch());
        return new LossDiagnosis(trainer, "loss", loss).reason(train, epoch, Math.max(0, end - batches), end);
    }
}
