package org.alborz.backend;

/**
 * The gates of an LSTM's step in one pass; operands are row-major and of one type. The gates are input, forget, cell, output, {@code [N, 4H]}:
 * sums, or as they were applied, which is sigmoid, sigmoid, tanh, sigmoid of the sums.
 */
public non-sealed interface LstmCell extends EngineFusion {
    /**
     * Computes, with i, f, g and o the gates applied to {@code ofInput + ofHidden}, {@code next = f·cell + i·g} and
     * {@code hidden = o·tanh(next)}, {@code [N, H]}.
     */
    void forward(Operand ofInput, Operand ofHidden, Operand cell, Operand hidden, Operand next, Operand gates);

    /**
     * Computes the gradients of the sums and of the cell state.
     *
     * @param gates as they were applied
     * @param dNext the gradient of the next cell state, or null for 0
     */
    void backward(
            Operand cell, Operand next, Operand gates, Operand dHidden, Operand dNext, Operand dSums, Operand dCell);
}
