package org.alborz.backend;

/**
 * Divides gradients by the scale of their loss and adapts the scale (Micikevicius et al. 2018), as {@code GradScaler} of PyTorch does, without a wait for the
 * device: a captured graph can hold it together with the optimizer's step.
 */
public non-sealed interface LossScaleStep extends EngineFusion {
    /** Where the scale is in the state, float64 {@code [5]}. */
    int SCALE = 0;

    /** Where the number of steps since the scale was changed is, skipped ones not counted. */
    int STEPS = 1;

    /** Where the number of skipped steps is. */
    int SKIPPED = 2;

    /** Where it is whether the last step is skipped, 1 or 0. */
    int OVERFLOWED = 3;

    /** How many numbers the state has; the last is the backend's own, 0 between steps. */
    int STATE = 5;

    /**
     * How a scale changes.
     *
     * @param growth what it is multiplied by after {@code growthSteps} steps in a row that were not skipped
     * @param backoff what it is multiplied by where a step is skipped
     * @param smallest what it does not become less than
     * @param largest what it does not become more than
     */
    record Parameters(double growth, double backoff, int growthSteps, double smallest, double largest) {}

    /**
     * Multiplies the gradients by the inverse of the scale, looks whether all are finite, and adapts the state: the step is skipped where they are not.
     *
     * @param gradients dense float32, overwritten
     * @param state as the constants say, overwritten
     * @param factor a float32 scalar that becomes the new scale
     * @param choices float64: a number of skipped steps k, then rows of K numbers: one for a skipped step, and for one that is not those after k
     *     skipped steps in all, after k + 1, and so on; where there is no such row the first is taken; or null
     * @param numbers float64 {@code [K]} that becomes the row of this step, or null
     */
    void step(Parameters p, Operand gradients, Operand state, Operand factor, Operand choices, Operand numbers);
}
