package org.alborz.backend;

/**
 * Steps of optimizers that read their {@link StepNumbers} from memory, float64 {@code [4]}, in place of those in their parameters: a graph that
 * holds such a step can be replayed with the numbers of other steps. Given equal numbers, the results are the same bits as those of
 * {@link AdamStep}, {@link SgdStep} and {@link UpdateStep}; a step of {@link StepNumbers#NONE} changes nothing. A backend that captures graphs should have it, since the composition waits for the
 * device, which no graph can hold.
 */
public non-sealed interface ReplayedUpdate extends EngineFusion {
    /** Does a step of {@link AdamStep}. */
    void step(
            AdamStep.Parameters p,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand firstMoment,
            Operand secondMoment);

    /** Does a step of {@link SgdStep}, whose learning rate is the first of the numbers. */
    void step(SgdStep.Parameters p, Operand numbers, Operand value, Operand gradient, Operand velocity);

    /** Does a step of {@link UpdateStep}. */
    void step(
            UpdateStep.Parameters p,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand first,
            Operand second,
            Operand third);
}
