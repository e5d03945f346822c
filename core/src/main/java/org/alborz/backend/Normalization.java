package org.alborz.backend;

import org.alborz.type.Activation;

/**
 * Batch normalisation with the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1) or with given ones.
 *
 * <p>Axis 1 holds the channels; {@code x} is {@code [N, C]} row-major or {@code [N, C, H, W]} dense and channels-last, results of its shape
 * have its layout, and all other operands are {@code [C]}, contiguous. The variance is the biased one, over the count of elements. Statistics
 * are of the {@link org.alborz.type.DType#accumulator} of x's type. A channel of equal numbers has exactly them as mean, and variance 0.
 *
 * <p>Gamma, beta and their gradients are all of x's type or all of its accumulator. In the second case x of 16 bits is computed with as if it
 * were converted to float32, and a result of x's type is what float32 would be, rounded.
 */
public interface Normalization {
    /** Computes {@code y = (x − mean) / √(variance + ε) · gamma + beta}, and stores the batch's mean and variance. */
    void batchNorm(double epsilon, Operand x, Operand gamma, Operand beta, Operand y, Operand mean, Operand variance);

    /** Computes the gradients with respect to {@code x}, gamma and beta, the statistics depending on {@code x}. */
    void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta);

    /**
     * Computes {@code y = activation((x − mean)·scale + shift + addend)}.
     *
     * @param mean a statistic; scale and shift are of its type
     * @param addend laid out as {@code y}, or null
     */
    void normalize(
            Operand x, Operand mean, Operand scale, Operand shift, Operand addend, Activation activation, Operand y);
}
