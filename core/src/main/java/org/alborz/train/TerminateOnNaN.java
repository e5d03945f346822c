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
                stop(trainer, loss, trainer.epoch(), trainer.nextBatch());
            }
        }
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        DataLoader validation = trainer.validation();
        if (!Double.isFinite(result.loss())) {
            stop(trainer, result.loss(), result.epoch() - 1, Integer.MAX_VALUE);
        } else if (result.validation() != null
                && !Double.isFinite(result.validation().loss())) {
            double loss = result.validation().loss();
            trainer.stop(
                    new LossDiagnosis(trainer, "validation loss", loss).reason(validation, 0, 0, Integer.MAX_VALUE));
        }
    }

    /** Stops for a training loss that was finite, or not looked at, up to {@code everySteps} batches before {@code to}. */
    private void stop(Trainer trainer, double loss, int epoch, int to) {
        DataLoader train = trainer.loader();
        int end = train == null ? 0 : Math.min(to, train.batchesPerEpoch());
        trainer.stop(new LossDiagnosis(trainer, "loss", loss).reason(train, epoch, Math.max(0, end - everySteps), end));
    }
}
