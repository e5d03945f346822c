package org.alborz.train;

/** Hooks into the training loop; names as in Keras. Reading {@link Trainer#metrics} waits for the device. */
public interface Callback {
    default void onTrainBegin(Trainer trainer) {}

    /** After each step: {@link Trainer#step} is its number. */
    default void onStepEnd(Trainer trainer) {}

    /** After each epoch and its validation. */
    default void onEpochEnd(Trainer trainer, EpochResult result) {}

    /** After the last epoch, and when training ends by an exception. */
    default void onTrainEnd(Trainer trainer) {}
}
