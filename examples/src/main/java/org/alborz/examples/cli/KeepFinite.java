package org.alborz.examples.cli;

import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/** Passes on to another callback every epoch whose loss is a number, so that a checkpoint is not replaced by a broken one. */
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
        if (Double.isFinite(result.loss())) {
            callback.onEpochEnd(trainer, result);
        }
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        callback.onTrainEnd(trainer);
    }
}
