package org.alborz.backend;

import org.alborz.type.Activation;
import org.alborz.type.Pool2dParameters;

/**
 * The gradients before a bias, an activation and perhaps a max pooling, in one pass. Images {@code [N, C, H, W]} are dense and channels-last,
 * matrices {@code [N, C]} row-major; the sum of each channel's gradients, that of the bias, is {@code [C]}, contiguous.
 */
public non-sealed interface BiasGradient extends EngineFusion {
    /**
     * Computes {@code dz = dy} where y is between the activation's bounds, 0 where it is at one (at most 0, with {@link Activation#RELU6} at
     * least 6), and the sums of dz.
     *
     * @param y what the activation gave
     */
    void apply(Activation activation, Operand y, Operand dy, Operand dz, Operand dbias);

    /**
     * Computes the same where dy is {@link Pooling#maxBackward} of y.
     *
     * @param pooled the largest elements of y's windows
     * @param dPooled their gradient
     */
    void afterPooling(
            Activation activation,
            Pool2dParameters p,
            Operand y,
            Operand pooled,
            Operand dPooled,
            Operand dz,
            Operand dbias);
}
