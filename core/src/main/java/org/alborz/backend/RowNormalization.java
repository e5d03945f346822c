package org.alborz.backend;

/**
 * Normalisation of each row of {@code x [rows][width]}, which are all axes of x and its last one: layer normalisation where it is centred
 * (Ba, Kiros and Hinton 2016), root mean square normalisation where it is not (Zhang and Sennrich 2019).
 *
 * <p>With c = x less the mean of its row, or x itself, x̂ is {@code c / √(mean of c² + ε)}. All operands are row-major. Gamma, beta and
 * their gradients are {@code [width]}, all of x's type or all of its {@link org.alborz.type.DType#accumulator}; in the second case x of 16
 * bits is computed with as if it were converted to float32, and a result of x's type is what float32 would be, rounded. A centred row of
 * equal numbers has x̂ = 0.
 */
public interface RowNormalization {
    /**
     * Computes {@code y = x̂·gamma + beta}.
     *
     * @param gamma null for ones
     * @param beta null for zeros; there is a gamma where it is not null
     */
    void rowNorm(boolean centred, double epsilon, Operand x, Operand gamma, Operand beta, Operand y);

    /**
     * Computes the gradients: dbeta = Σ dy and dgamma = Σ dy·x̂ over the rows, and with g = dy·gamma dx = {@code (g − mean of g − x̂·mean of
     * g·x̂) / √(mean of c² + ε)}, the means those of the row, and the first left out where the rows are not centred.
     *
     * @param gamma null for ones
     * @param dgamma null where there is no gamma
     * @param dbeta null where it is not needed or there is no gamma
     */
    void rowNormBackward(
            boolean centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta);
}
