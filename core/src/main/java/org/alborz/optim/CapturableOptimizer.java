package org.alborz.optim;

import java.util.Optional;
import org.alborz.tensor.Tensor;

/**
 * An optimizer whose step can be part of a captured graph: what changes from step to step, such as the learning rate and Adam's bias
 * corrections, is read from memory, where it is written before each replay.
 */
public interface CapturableOptimizer extends Optimizer {
    /** Tells whether its step can be in a graph; one around another optimizer says that of the other. */
    default boolean isCapturable() {
        return true;
    }

    /**
     * Returns the numbers of a step in the order in which {@link #step(Tensor)} reads them. As many for each step, until parameters are
     * frozen or unfrozen.
     *
     * @param learningRate of this step, finite and at least 0
     * @param step the number of this step, from 1
     * @throws IllegalArgumentException for any other learning rate or step
     */
    double[] stepNumbers(double learningRate, long step);

    /**
     * Returns numbers, as many as {@link #stepNumbers} returns, with which {@link #step(Tensor)} changes neither values nor states: of a step whose
     * gradients are not finite, which float16's loss scale skips. Empty where there are none; a captured step with a loss scale then leaves
     * the optimizer outside.
     */
    default Optional<double[]> skippingNumbers() {
        return Optional.empty();
    }

    /**
     * Updates the values from the gradients as {@link #step(double, long)} does, with the same bits, by the numbers of a step in memory.
     *
     * @param numbers float64 {@code [K]}, row-major
     */
    void step(Tensor numbers);
}
