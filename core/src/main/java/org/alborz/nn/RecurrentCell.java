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
}
