package org.alborz.backend;

import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;

/**
 * Two-dimensional convolution (cross-correlation, as in every deep learning library) and its two gradients.
 *
 * <p>Images {@code [N, C, H, W]} are dense and channels-last; weights {@code [O, C/groups, KH, KW]} are dense in
 * the order of the backend's {@link Backend#weightLayout}.
 */
public interface Convolution {
    /**
     * Computes {@code y[n, o, i, j] = activation(addend[n, o, i, j] + bias[o] + Σ x[n, c, i·S − P + u·D, j·S − P + v·D] · w[o, c, u, v])}.
     *
     * @param bias {@code [O]}, contiguous, or null
     * @param addend of y's shape, dense and channels-last, or null
     */
    void forward(
            Conv2dParameters p, Operand x, Operand w, Operand bias, Operand addend, Activation activation, Operand y);

    /** Computes the gradient of the sum of {@code y·dy} with respect to {@code x}. */
    void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx);

    /** Computes the gradient of the sum of {@code y·dy} with respect to {@code w}. */
    void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw);
}
