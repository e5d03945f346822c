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
    /**
     * Computes {@code y = activation((x − mean) / √(variance + ε) · gamma + beta + addend)}, and stores the batch's mean and variance. The
     * result is that of three operations one after the other: what is normalised is rounded to y's type before the addend is added.
     *
     * @param addend laid out as {@code y}, or null
     */
    void batchNorm(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand addend,
            Activation activation,
            Operand y,
            Operand mean,
            Operand variance);

    /**
     * Computes the gradients with respect to {@code x}, gamma and beta, the statistics depending on {@code x}.
     *
     * @param activation what followed the normalisation
     * @param y what was stored after it, laid out as {@code dy}: where it is at a bound, at most 0 or with {@link Activation#RELU6} at least
     *     6, dy counts as 0; null where there was none
     * @param daddend receives dy, 0 where y is at a bound, which is the gradient of the addend; null unless there is a y and it is needed
     */
    void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta,
            Operand daddend);

    /**
     * Moves running statistics towards those of a batch: {@code running = (1 − momentum)·running + momentum·observed}, the variance
     * multiplied by {@code momentum·correction} instead. Both factors and both products are rounded to the statistics' type.
     *
     * @param correction count / (count − 1), which makes the biased variance an unbiased one
     */
    void moveStatistics(
            double momentum,
            double correction,
            Operand mean,
            Operand variance,
            Operand runningMean,
            Operand runningVariance);

    /**
     * Computes {@code y = activation((x − mean)·scale + shift + addend)}.
     *
     * @param mean a statistic; scale and shift are of its type
     * @param addend laid out as {@code y}, or null
     */
    void normalize(
            Operand x, Operand mean, Operand scale, Operand shift, Operand addend, Activation activation, Operand y);
}
