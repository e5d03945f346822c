package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * A loss of three tensors, such as an anchor, a positive and a negative sample; for objectives and loops, since a trainer's presets give a loss
 * two. {@link #of} is PyTorch's reduction "mean", {@link #sum} is "sum", and {@link #terms} is "none".
 */
public interface TernaryLoss {
    /** Computes the terms, in float32 where the first tensor has 16 bits; one for each sample or element, as the loss says. */
    Tensor terms(Tensor first, Tensor second, Tensor third);

    /** Computes the sum of the terms as a scalar. */
    default Tensor sum(Tensor first, Tensor second, Tensor third) {
        return terms(first, second, third).sum().to(LossInput.of(first).dtype());
    }

    /** Computes the mean of the terms as a scalar. */
    default Tensor of(Tensor first, Tensor second, Tensor third) {
        return terms(first, second, third).mean().to(LossInput.of(first).dtype());
    }
}
