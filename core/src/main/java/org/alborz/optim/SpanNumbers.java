package org.alborz.optim;

import org.alborz.backend.StepNumbers;
import org.alborz.tensor.Tensor;

/**
 * The numbers of a span's step: known, or in memory, where a captured graph reads those of each replay. What is computed by them has the same
 * bits either way.
 *
 * @param known null where they are in memory
 * @param memory float64 {@code [4]}, or null
 * @param read the same in the type of the span's states, or null where nothing is computed by {@link #times}
 * @param skips whether they may be {@link StepNumbers#NONE}
 */
record SpanNumbers(StepNumbers known, Tensor memory, Tensor read, boolean skips) {
    static SpanNumbers of(StepNumbers known) {
        return new SpanNumbers(known, null, null, false);
    }

    /** Returns those in memory, or null where there are none. */
    static Tensor memory(SpanNumbers numbers) {
        return numbers == null ? null : numbers.memory;
    }

    /**
     * Returns a tensor times one of the numbers.
     *
     * @param place one of {@link StepNumbers#RATE} and the others
     */
    Tensor times(Tensor x, int place) {
        return known == null ? x.mul(scalar(place)) : x.mul(known.get(place));
    }

    /** Returns what a state or a value becomes: what was computed, or in a step that changes nothing what it was before. */
    Tensor unlessNone(Tensor computed, Tensor before) {
        if (!skips) {
            return computed;
        }
        Tensor rate = scalar(StepNumbers.RATE);
        return Tensor.where(rate.eq(rate), computed, before); // NaN is not itself
    }

    private Tensor scalar(int place) {
        return read.narrow(0, place, 1).reshape();
    }
}
