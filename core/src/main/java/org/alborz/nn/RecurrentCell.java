package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** What one step of a recurrent layer computes of its gates. */
interface RecurrentCell {
    /** Returns how many gates there are: the sums are as many times as wide as the hidden state. */
    int gates();

    /** Returns how many tensors go from step to step: the hidden state, and an LSTM's cell state. */
    int states();

    /**
     * Computes the next states.
     *
     * @param ofInput the gates' sums of the input {@code [N, gates·H]}
     * @param ofHidden those of the hidden state
     */
    Tensor[] step(Tensor ofInput, Tensor ofHidden, Tensor... states);

    /** Tells whether {@link #sequence} computes all steps in one operation. */
    default boolean hasSequence() {
        return false;
    }

    /**
     * Computes all steps in one operation.
     *
     * @param reverse whether the last step comes first
     * @param sums of the input, all biases included {@code [N, T, gates·H]}
     * @param weight of the hidden state {@code [gates·H, H]}
     * @param lengths int32 {@code [N]}, or null where all steps are data
     * @param states before the first step; replaced by the last ones
     * @return the hidden state after each step {@code [N, T, H]}, handed on by steps that are no data
     */
    default Tensor sequence(boolean reverse, Tensor sums, Tensor weight, Tensor lengths, Tensor... states) {
        throw new UnsupportedOperationException("This cell is computed step by step");
    }
}
