package org.alborz.backend;

/**
 * The gates of a GRU's step in one pass; operands are row-major and of one type. The gates' sums are reset, update, candidate,
 * {@code [N, 3H]}; as they were applied they are r, z, n and the candidate's sum of the hidden state, {@code [N, 4H]}.
 */
public non-sealed interface GruCell extends EngineFusion {
    /**
     * Computes, with r and z the sigmoids of {@code ofInput + ofHidden} and n the hyperbolic tangent of {@code ofInput + r·ofHidden},
     * {@code next = n + z·(hidden − n)}, {@code [N, H]}.
     */
    void forward(Operand ofInput, Operand ofHidden, Operand hidden, Operand next, Operand gates);

    /** Computes the gradients of both sums and of the hidden state. */
    void backward(Operand hidden, Operand gates, Operand dNext, Operand dOfInput, Operand dOfHidden, Operand dHidden);
}
