package org.alborz.backend;

/** One step of Adam (Kingma and Ba 2015, algorithm 1) or AdamW (Loshchilov and Hutter 2019, algorithm 2), in place. */
public non-sealed interface AdamStep extends EngineFusion {
    /**
     * What one step needs to know.
     *
     * @param step the number of this step, from 1
     * @param weightDecay added to the gradient as {@code λθ}, or with {@code decoupled} taken off the value as {@code ηλθ}
     */
    record Parameters(
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled,
            long step) {}

    /**
     * Updates the value and both moments: {@code m = β₁m + (1−β₁)g}, {@code v = β₂v + (1−β₂)g²},
     * {@code θ = θ − η·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε)}. All four are of one dense layout; value and gradient are of one type, and the
     * moments of its {@link org.alborz.type.DType#accumulator}, in which everything is computed, the value being rounded once.
     */
    void step(Parameters p, Operand value, Operand gradient, Operand firstMoment, Operand secondMoment);
}
