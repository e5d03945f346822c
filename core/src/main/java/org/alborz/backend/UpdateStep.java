package org.alborz.backend;

/** One step of an optimizer that updates each element independently, in place. */
public non-sealed interface UpdateStep extends EngineFusion {
    /**
     * The numbers of one step. A rule ignores those that it does not read.
     *
     * @param rate what the change is multiplied by: the learning rate with the corrections of the averages' bias
     * @param gradientRate likewise, of the gradient itself
     * @param beta1 the share that an average of gradients, or a velocity, keeps
     * @param beta2 the share that an average of squares keeps
     * @param correction what an average of squares is multiplied by for its bias
     * @param decay how much of a number is added to its gradient
     * @param shrink what a number is multiplied by before the change is subtracted
     */
    record Parameters(
            UpdateRule rule,
            double rate,
            double gradientRate,
            double beta1,
            double beta2,
            double correction,
            double epsilon,
            double decay,
            double shrink) {
        /** Returns those that change from step to step. */
        public StepNumbers numbers() {
            return new StepNumbers(rate, gradientRate, correction, shrink);
        }

        /** Returns these parameters with the numbers of another step. */
        public Parameters with(StepNumbers numbers) {
            return new Parameters(
                    rule,
                    numbers.rate(),
                    numbers.gradientRate(),
                    beta1,
                    beta2,
                    numbers.correction(),
                    epsilon,
                    decay,
                    numbers.shrink());
        }
    }

    /**
     * Updates the value and the states by the rule. All are of one dense layout; value and gradient are of one type, and the states
     * of its {@link org.alborz.type.DType#accumulator}, in which everything is computed, the value being rounded once.
     *
     * @param second null where the rule has one state
     * @param third null where it has two
     */
    void step(Parameters p, Operand value, Operand gradient, Operand first, Operand second, Operand third);
}
