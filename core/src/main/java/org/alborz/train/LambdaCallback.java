package org.alborz.train;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.alborz.text.Given;

/**
 * Calls functions at the places of a {@link Callback}. What has to remember something for a resumed run, or sets the learning rate, implements
 * {@link Callback} itself.
 *
 * <pre>{@code
 * new LambdaCallback()
 *         .onTrainBegin(trainer -> System.out.println("begins"))
 *         .onEpochEnd((trainer, result) -> System.out.println(result))
 * }</pre>
 */
public final class LambdaCallback implements Callback {
    private static final Consumer<Trainer> NOTHING = trainer -> {};

    private Consumer<Trainer> trainBegin = NOTHING;
    private Consumer<Trainer> epochBegin = NOTHING;
    private Consumer<Trainer> batchBegin = NOTHING;
    private Consumer<Trainer> batchEnd = NOTHING;
    private Consumer<Trainer> stepEnd = NOTHING;
    private Consumer<Trainer> testBegin = NOTHING;
    private BiConsumer<Trainer, Evaluation> testEnd = (trainer, evaluation) -> {};
    private BiConsumer<Trainer, EpochResult> epochEnd = (trainer, result) -> {};
    private Consumer<Trainer> trainEnd = NOTHING;

    /** Sets what {@link Callback#onTrainBegin} does; returns this, as the others do. */
    public LambdaCallback onTrainBegin(Consumer<Trainer> work) {
        trainBegin = given(work);
        return this;
    }

    /** Sets what {@link Callback#onEpochBegin} does. */
    public LambdaCallback onEpochBegin(Consumer<Trainer> work) {
        epochBegin = given(work);
        return this;
    }

    /** Sets what {@link Callback#onBatchBegin} does. */
    public LambdaCallback onBatchBegin(Consumer<Trainer> work) {
        batchBegin = given(work);
        return this;
    }

    /** Sets what {@link Callback#onBatchEnd} does. */
    public LambdaCallback onBatchEnd(Consumer<Trainer> work) {
        batchEnd = given(work);
        return this;
    }

    /** Sets what {@link Callback#onStepEnd} does. */
    public LambdaCallback onStepEnd(Consumer<Trainer> work) {
        stepEnd = given(work);
        return this;
    }

    /** Sets what {@link Callback#onTestBegin} does. */
    public LambdaCallback onTestBegin(Consumer<Trainer> work) {
        testBegin = given(work);
        return this;
    }

    /** Sets what {@link Callback#onTestEnd} does. */
    public LambdaCallback onTestEnd(BiConsumer<Trainer, Evaluation> work) {
        testEnd = given(work);
        return this;
    }

    /** Sets what {@link Callback#onEpochEnd} does. */
    public LambdaCallback onEpochEnd(BiConsumer<Trainer, EpochResult> work) {
        epochEnd = given(work);
        return this;
    }

    /** Sets what {@link Callback#onTrainEnd} does. */
    public LambdaCallback onTrainEnd(Consumer<Trainer> work) {
        trainEnd = given(work);
        return this;
    }

    private static <T> T given(T work) {
        return Given.value(work, "LambdaCallback", "a function");
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        trainBegin.accept(trainer);
    }

    @Override
    public void onEpochBegin(Trainer trainer) {
        epochBegin.accept(trainer);
    }

    @Override
    public void onBatchBegin(Trainer trainer) {
        batchBegin.accept(trainer);
    }

    @Override
    public void onBatchEnd(Trainer trainer) {
        batchEnd.accept(trainer);
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        stepEnd.accept(trainer);
    }

    @Override
    public void onTestBegin(Trainer trainer) {
        testBegin.accept(trainer);
    }

    @Override
    public void onTestEnd(Trainer trainer, Evaluation evaluation) {
        testEnd.accept(trainer, evaluation);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        epochEnd.accept(trainer, result);
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        trainEnd.accept(trainer);
    }
}
