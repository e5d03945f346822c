package org.alborz.backend;

import org.alborz.type.DType;

/**
 * One layer of an LSTM in one direction over all steps of a sequence. Operands are row-major and of one type, but the lengths, int32 {@code [N]}:
 * how many of a sequence's T steps are data, or null where all are. A step that is none hands the states on and has gates of 0.
 *
 * <p>Gates are input, forget, cell, output, {@code [N, T, 4H]}: sums, or as they were applied. With i, f, g and o those applied to {@code
 * sums + hidden·weightᵀ} of the hidden state before, a step's cell state is {@code f·cell + i·g} and its hidden state {@code o·tanh} of that.
 */
public non-sealed interface LstmSequence extends EngineFusion {
    /** Tells whether it can compute so and is the faster way; the engine composes the same step by step where it is not. */
    boolean takes(DType dtype, int batch, int steps, int hidden);

    /**
     * What the states are computed from.
     *
     * @param reverse whether the last step comes first
     * @param sums of the gates, the recurrent product left out
     * @param weight {@code [4H, H]}
     * @param hidden the state before the first step {@code [N, H]}
     * @param cell likewise
     */
    record Inputs(boolean reverse, Operand sums, Operand weight, Operand hidden, Operand cell, Operand lengths) {}

    /**
     * Computes the states.
     *
     * @param hidden after each step {@code [N, T, H]}
     * @param last the cell state after the last step {@code [N, H]}
     * @param cells after each step {@code [N, T, H]}; null where no gradient will read them
     * @param gates as they were applied; null likewise
     */
    void forward(Inputs inputs, Operand hidden, Operand last, Operand cells, Operand gates);

    /** What the gradients are computed from; names are those of {@link Inputs} and of the results. */
    record Saved(boolean reverse, Operand weight, Operand cell, Operand lengths, Operand cells, Operand gates) {}

    /**
     * Computes the gradients of the sums and of the states before the first step.
     *
     * @param dHidden the gradient of the hidden states
     * @param dLast that of the last cell state, or null for 0
     */
    void backward(Saved saved, Operand dHidden, Operand dLast, Operand dSums, Operand dFirst, Operand dCell);
}
