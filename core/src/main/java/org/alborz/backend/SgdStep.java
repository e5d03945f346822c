package org.alborz.backend;

/** One step of stochastic gradient descent with momentum (Sutskever et al. 2013, in the form PyTorch uses), in place. */
public non-sealed interface SgdStep extends EngineFusion {
    /**
     * What one step needs to know.
     *
     * @param momentum 0 for none
     * @param weightDecay added to the gradient as {@code λθ}
     * @param nesterov look ahead: use {@code g + μv} in place of {@code v}
     */
    record Parameters(double learningRate, double momentum, double weightDecay, boolean nesterov) {
        /** Returns these parameters with the numbers of another step. */
        public Parameters with(StepNumbers numbers) {
            return new Parameters(numbers.rate(), momentum, weightDecay, nesterov);
        }
    }

    /**
     * Computes {@code g = g + λθ}, {@code v = μv + g}, {@code θ = θ − η·v}, or {@code θ − η·(g + μv)} with Nesterov. All are of
     * one dense layout; the gradient is left as it was. Computed in the {@link org.alborz.type.DType#accumulator} of the value's type,
     * the value being rounded once.
     *
     * @param velocity of that type, or null where the momentum is 0
     */
    void step(Parameters p, Operand value, Operand gradient, Operand velocity);
}
