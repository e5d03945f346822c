package org.alborz.train;

/**
 * Puts the averaged weights of a trainer with {@code ema(decay)} or {@code swa(start, every)} into the model after each epoch until the next
 * step (Keras's {@code swap_on_epoch=True}): so callbacks after it, files of weights such as {@link
 * org.alborz.checkpoint.ModelCheckpoint#weightsOnly}, and the model after the training have them. The training goes on from its own weights, the same bits.
 *
 * <p>What Keras does without {@code swap_on_epoch}, averaged weights for the validation, such a trainer does by itself, and checkpoints to resume from hold both.
 */
public final class SwapEMAWeights implements Callback {
    /** Refuses a trainer that does not average its weights. A run that was resumed after an epoch has the average as well. */
    @Override
    public void onTrainBegin(Trainer trainer) {
        if (!trainer.averagesWeights()) {
            throw new IllegalArgumentException("SwapEMAWeights expects a trainer that averages its weights, and this"
                    + " one does not; build it with ema(decay) or swa(start, every)");
        }
        if (trainer.epoch() > 0 && trainer.nextBatch() == 0) {
            trainer.swapInAverage();
        }
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        trainer.swapInAverage();
    }
}
