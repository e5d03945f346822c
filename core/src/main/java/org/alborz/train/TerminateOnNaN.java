package org.alborz.train;

/** Stops when the loss is not a number any more, looking every so many steps since looking waits for the device. */
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
            check(trainer, "loss", trainer.metrics().loss());
        }
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        if (Double.isFinite(result.loss()) && result.validation() != null) {
            check(trainer, "validation loss", result.validation().loss());
        } else {
            check(trainer, "loss", result.loss());
        }
    }

    private static void check(Trainer trainer, String name, double loss) {
        if (!Double.isFinite(loss)) {
            trainer.stop("the " + name + " is " + loss + " by step " + trainer.step() + "; lower the learning rate");
        }
    }
}
