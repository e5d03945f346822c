package org.alborz.train;

import java.util.Map;
import java.util.Set;
import org.alborz.tensor.Tensor;
import org.alborz.text.Described;

/**
 * Hooks into the training loop; names as in Keras. Reading {@link Trainer#metrics} waits for the device.
 *
 * <p>Where one fails at the end of an epoch or of the training, the others are called nevertheless; then the first failure is thrown, with
 * those after it suppressed.
 */
public interface Callback {
    /**
     * Called by {@link Trainer#fit} before it looks where the trainer stands and before every {@link #onTrainBegin}: the place to go on
     * from a checkpoint.
     */
    default void onFitBegin(Trainer trainer) {}

    default void onTrainBegin(Trainer trainer) {}

    /** Before the first batch of an epoch, or the first that a resumed or continued run does of it. */
    default void onEpochBegin(Trainer trainer) {}

    /** Before each batch: {@link Trainer#nextBatch} is its number. */
    default void onBatchBegin(Trainer trainer) {}

    /** After each batch, before {@link #onStepEnd} where it ends a step: with accumulated gradients only some do. */
    default void onBatchEnd(Trainer trainer) {}

    /** After each step of the optimizer: {@link Trainer#step} is its number. */
    default void onStepEnd(Trainer trainer) {}

    /** After every callback's {@link #onStepEnd}: all of them stand at the same step, so this is the place to save. */
    default void afterStep(Trainer trainer) {}

    /** Before the validation after an epoch. */
    default void onTestBegin(Trainer trainer) {}

    /**
     * After each batch of the validation after an epoch.
     *
     * @param done how many batches of {@code batches} are done
     */
    default void onTestBatchEnd(Trainer trainer, int done, int batches) {}

    /** After the validation after an epoch. */
    default void onTestEnd(Trainer trainer, Evaluation evaluation) {}

    /** After each epoch and its validation. */
    default void onEpochEnd(Trainer trainer, EpochResult result) {}

    /** After every callback's {@link #onEpochEnd}: all of them stand at the same epoch, so this is the place to save. */
    default void afterEpoch(Trainer trainer, EpochResult result) {}

    /**
     * Tells whether its {@link #afterStep} and {@link #afterEpoch} follow those of all callbacks that say no, as by default: for what saves the whole run to
     * go on from, since a kill may come between two callbacks, and those that have not done their part by then would never do it.
     */
    default boolean savesRun() {
        return false;
    }

    /**
     * Tells whether only rank 0 of a group calls it, rather than every rank, as by default: for what writes or shows something, which nobody needs several
     * times. All ranks see the same numbers, so what decides by them, such as when to stop, decides alike. What every rank calls has the same {@link #name} and {@link #state} in all of them, which
     * {@link Trainer#fit} requires.
     */
    default boolean rankZeroOnly() {
        return false;
    }

    /** After the last epoch, and when training ends by an exception, be it of another callback; not without {@link #onTrainBegin}. */
    default void onTrainEnd(Trainer trainer) {}

    /** Called by {@link Trainer#fit} before it returns, after every {@link #onTrainEnd}; not where it ends by an exception. */
    default void onFitEnd(Trainer trainer) {}

    /**
     * Returns the names of the losses and metrics it reads from an {@link EpochResult}, such as {@code val_loss}, so that training refuses
     * before its first step what is not measured.
     */
    default Set<String> monitored() {
        return Set.of();
    }

    /**
     * Returns what the learning rate of the next step is multiplied by, beside the schedule's factor and those of other callbacks: 1, as by
     * default, or another finite number of at least 0, which its {@link #state} has to hold.
     */
    default double learningRateFactor() {
        return 1;
    }

    /** Returns the name that checkpoints keep the {@link #state} under: the class's unless overridden. */
    default String name() {
        return Described.className(this);
    }

    /**
     * Returns what the callback has to remember to go on as if the run had not been stopped, settings included that must then be the
     * same; empty, as by default, where it remembers nothing.
     */
    default Map<String, String> state() {
        return Map.of();
    }

    /**
     * Returns by name what it remembers on the device beside its {@link #state}, such as weights to go back to; none, as by default. The
     * names and shapes depend on the trainer alone. A checkpoint saves the values and writes them into these tensors.
     */
    default Map<String, Tensor> tensors(Trainer trainer) {
        return Map.of();
    }

    /**
     * Goes on from a state that {@link #state} returned, before {@link #onTrainBegin}.
     *
     * @throws IllegalArgumentException when the state is none of this callback's, or was saved with other settings
     */
    default void restore(Map<String, String> state) {
        throw new IllegalArgumentException(name() + " keeps no state");
    }
}
