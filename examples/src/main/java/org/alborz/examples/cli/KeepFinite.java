package org.alborz.examples.cli;

import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/**
 * Passes on to another callback every epoch whose losses are numbers, so that a checkpoint is not replaced by a broken one, and stops
 * the training after any other. Weights may be finite and yet so large that nothing they compute is.
 */
record KeepFinite(Callback callback) implements Callback {
    @Override
    public void onTrainBegin(Trainer trainer) {
        callback.onTrainBegin(trainer);
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        callback.onStepEnd(trainer);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        double validation = result.validation().loss();
        if (!Double.isFinite(result.loss())) {
            return; // TerminateOnNaN stops it
        }
        if (Double.isFinite(validation)) {
            callback.onEpochEnd(trainer, result);
        } else { // also where it was interrupted: saving would be wrong
            trainer.stop("the validation loss is " + validation + " by step " + trainer.step()
                    + "; lower the learning rate");
        }
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        callback.onTrainEnd(trainer);
    }
}
