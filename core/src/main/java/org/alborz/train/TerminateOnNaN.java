package org.alborz.train;

import org.alborz.data.DataLoader;

/**
 * Stops when the loss or a weight is not a finite number any more, looking only after each given number of steps, since looking waits for the device. The reason says
 * whether the data, their transforms or the weights are the cause, and names the operation that made the first such number, its layer, and which of its inputs
 * were still finite: for that the steps since the last look are done again from a copy of the weights and states, which takes their memory once more. In a group of
 * ranks the operation is not searched for.
 */
public final class TerminateOnNaN implements Callback {
    private final int everySteps;
    private final boolean searching;

    /** Null before the first epoch, and where nothing is searched for. */
    private NanSearch search;

    /** Looks every 50 steps. */
    public TerminateOnNaN() {
        this(50);
    }

    /** Looks so often. */
    public TerminateOnNaN(int everySteps) {
        this(everySteps, true);
    }

    private TerminateOnNaN(int everySteps, boolean searching) {
        if (everySteps < 1) {
            throw new IllegalArgumentException(
                    "TerminateOnNaN expects to look every 1 step or more, got " + everySteps);
        }
        this.everySteps = everySteps;
        this.searching = searching;
    }

    /** Returns one that keeps no copy and so does not name the operation. */
    public TerminateOnNaN withoutSearch() {
        return new TerminateOnNaN(everySteps, false);
    }

    @Override
    public void onEpochBegin(Trainer trainer) {
        trainer.swapOutAverage();
        boolean searches = searching && trainer.worldSize() == 1; // steps of a group are not done again
        if (searches && (search == null || !search.isOf(trainer))) {
            search = new NanSearch(trainer);
        } else if (searches) {
            search.take();
        }
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        if (trainer.step() % everySteps == 0) {
            double loss = trainer.metrics().loss();
            if (!Double.isFinite(loss) || !trainer.model().isFinite()) {
                trainer.stop(reason(trainer, loss, trainer.epoch(), trainer.nextBatch(), suspects(trainer), search));
            } else if (search != null) {
                search.take();
            }
        }
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        if (isLost(trainer, result)) {
            trainer.stop(reason(trainer, result, suspects(trainer), search));
        }
    }

    /** Tells whether the loss of an epoch, that of its validation, or a weight after it is no finite number. */
    static boolean isLost(Trainer trainer, EpochResult result) {
        return !result.isFinite() || !trainer.model().isFinite();
    }

    /** Returns how many batches there are at most since the last look. */
    private int suspects(Trainer trainer) {
        return (int) Math.min(Integer.MAX_VALUE, (long) everySteps * trainer.accumulation());
    }

    /** Gives the copy back. */
    @Override
    public void onTrainEnd(Trainer trainer) {
        if (search != null) {
            search.close();
            search = null;
        }
    }

    /**
     * Returns what made the loss of an epoch, of its validation, or a weight no number.
     *
     * @param batches how many of the last batches of the epoch may be the cause
     * @param search null where the operation is not searched for
     */
    static String reason(Trainer trainer, EpochResult result, int batches, NanSearch search) {
        if (Double.isFinite(result.loss()) && !result.isFinite()) {
            double loss = result.validation().loss();
            return new LossDiagnosis(trainer, "validation loss", loss)
                    .reason(
                            trainer.validation(),
                            0,
                            0,
                            Integer.MAX_VALUE,
                            () -> search == null ? null : NanSearch.findInEvaluation(trainer, trainer.validation()));
        }
        return reason(trainer, result.loss(), result.epoch() - 1, Integer.MAX_VALUE, batches, search);
    }

    /** Returns it for a training loss that was finite, or not looked at, up to {@code batches} before {@code to}. */
    private static String reason(Trainer trainer, double loss, int epoch, int to, int batches, NanSearch search) {
        DataLoader train = trainer.loader();
        int end = train == null ? 0 : Math.min(to, train.batchesPerEpoch());
        return new LossDiagnosis(trainer, "loss", loss)
                .reason(
                        train,
                        epoch,
                        Math.max(0, end - batches),
                        end,
                        () -> search == null ? null : search.find(epoch));
    }
}
