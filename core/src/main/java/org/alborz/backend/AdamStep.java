package org.alborz.backend;

/** One step of Adam (Kingma and Ba 2015, algorithm 1) or AdamW (Loshchilov and Hutter 2019, algorithm 2), in place. */
public non-sealed interface AdamStep extends EngineFusion {
    /**
     * The numbers of one step.
     *
     * @param rate η / (1 − β₁ᵗ), the learning rate with the correction of the first moment's bias
     * @param correction 1 / (1 − β₂ᵗ), what the second moment is multiplied by for its bias
     * @param decay how much of a value is added to its gradient: λ, or 0 where the weight decay is decoupled
     * @param shrink what a value is multiplied by before the change is subtracted: 1, or 1 − ηλ where the weight decay is decoupled
     */
    record Parameters(
            double rate, double beta1, double beta2, double correction, double epsilon, double decay, double shrink) {
        /**
         * Returns the numbers of a step.
         *
         * @param step the number of this step t, from 1
         * @param weightDecay λ, added to the gradient as {@code λθ}, or with {@code decoupled} subtracted from the value as {@code ηλθ}
         */
        public static Parameters of(
                double learningRate,
                double beta1,
                double beta2,
                double epsilon,
                double weightDecay,
                boolean decoupled,
                long step) {
            return new Parameters(
                    learningRate / (1 - Math.pow(beta1, step)),
                    beta1,
                    beta2,
                    1 / (1 - Math.pow(beta2, step)),
                    epsilon,
                    decoupled ? 0 : weightDecay,
                    decoupled ? 1 - learningRate * weightDecay : 1);
        }

        /** Returns those that change from step to step. */
        public StepNumbers numbers() {
            return new StepNumbers(rate, 0, correction, shrink);
        }

        /** Returns these parameters with the numbers of another step. */
        public Parameters with(StepNumbers numbers) {
            return new Parameters(numbers.rate(), beta1, beta2, numbers.correction(), epsilon, decay, numbers.shrink());
        }
    }

    /**
     * Updates the value and both moments: {@code g = g + decay·θ}, {@code m = β₁m + (1−β₁)g}, {@code v = β₂v + (1−β₂)g²},
     * {@code θ = shrink·θ − rate·m / (√(correction·v) + ε)}. All four are of one dense layout; value and gradient are of one type, and the
     * moments of its {@link org.alborz.type.DType#accumulator}, in which everything is computed, the value being rounded once.
     */
    void step(Parameters p, Operand value, Operand gradient, Operand firstMoment, Operand secondMoment);
}
