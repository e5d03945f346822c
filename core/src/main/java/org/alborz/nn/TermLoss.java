package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * A loss that is a mean of terms, such as one for each element or sample. What PyTorch calls reductions are its methods: {@link #of} is
 * "mean", {@link #sum} is "sum", and {@link #terms} is "none".
 */
public interface TermLoss extends Loss {
    /**
     * Computes the terms, in float32 where outputs have 16 bits. Where terms are weighted, as by class weights, the weights are in them.
     *
     * @return one term for each element, or for each sample, as the loss says
     */
    Tensor terms(Tensor output, Tensor target);

    /** Computes the sum of the terms as a scalar. */
    default Tensor sum(Tensor output, Tensor target) {
        return terms(output, target).sum().to(LossInput.of(output).dtype());
    }

    /** Computes the mean of the terms as a scalar; where they are weighted, the mean over the weights if the loss says so. */
    @Override
    default Tensor of(Tensor output, Tensor target) {
        return terms(output, target).mean().to(LossInput.of(output).dtype());
    }
}
