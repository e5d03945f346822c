package org.alborz.train;

import java.util.function.Supplier;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UpdateRule;
import org.alborz.nn.Model;
import org.alborz.ops.ApplyUpdate;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** The average of a model's weights over the steps. */
final class WeightAverage implements AutoCloseable {
    private final Model model;
    private final Averaging averaging;
    private final Tensor average;

    /** The model's own weights while the average is in their place, else null. */
    private Tensor kept;

    WeightAverage(Model model, Averaging averaging) {
        this.model = model;
        this.averaging = averaging;
        Tensor values = model.values();
        this.average = model.own(model.session().empty(values.dtype().accumulator(), Layout.rowMajor(values.shape())))
                .fill(0)
                .named("averaged parameters");
    }

    /** Returns the numbers of a step, counted from 1, that {@link #update(Tensor)} takes. */
    StepNumbers numbers(long step) {
        double share = averaging.share(step);
        if (share == 0) {
            return StepNumbers.NONE;
        }
        double kept = averaging.decay() > 0 && share < 1 ? averaging.decay() : 1 - share;
        return new StepNumbers(1 - kept, 0, kept, 1);
    }

    /** Takes in the weights after a step, counted from 1. */
    void update(long step) {
        StepNumbers numbers = numbers(step);
        if (!numbers.isNone()) {
            update(numbers, null);
        }
    }

    /**
     * Does the same, with the same bits, by numbers in memory; what is captured.
     *
     * @param numbers float64 {@code [4]}
     */
    void update(Tensor numbers) {
        update(StepNumbers.NONE, numbers);
    }

    private void update(StepNumbers known, Tensor inMemory) {
        ApplyUpdate.withoutGradient(UpdateRule.AVERAGE, known, model.values(), average, inMemory);
    }

    /** Tells whether there is an average after so many steps. */
    boolean hasBegun(long steps) {
        return averaging.hasBegun(steps);
    }

    Tensor average() {
        return average;
    }

    /** Does something with the average in the place of the weights, which are the same bits afterwards. */
    <T> T inPlaceOfWeights(Supplier<T> work) {
        if (kept != null) {
            return work.get();
        }
        swapIn();
        try {
            return work.get();
        } finally {
            swapOut();
        }
    }

    /** Puts the average in the place of the weights. */
    void swapIn() {
        if (kept == null) {
            Tensor values = model.values();
            Tensor copy = model.session().empty(values.dtype(), values.layout().compact());
            kept = model.own(copy).assign(values).named("weights beside their average");
            values.assign(average);
        }
    }

    /** Puts the weights back. */
    void swapOut() {
        if (kept != null) {
            model.values().assign(kept);
            kept.close();
            kept = null;
        }
    }

    /** Returns the weights themselves, wherever they are. */
    Tensor trained() {
        return kept == null ? model.values() : kept;
    }

    @Override
    public void close() {
        average.close();
        if (kept != null) {
            kept.close();
        }
    }
}
