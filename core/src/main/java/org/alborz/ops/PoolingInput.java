package org.alborz.ops;

import org.alborz.tensor.Tensor;

/** The input that pooling layers expect. */
public final class PoolingInput {
    private PoolingInput() {}

    /**
     * Returns a batch of images {@code [N, C, H, W]} as it is.
     *
     * @param op the layer, for the message
     * @throws IllegalArgumentException if it is not a floating tensor of rank 4, or its images have no pixels
     */
    public static Tensor require(String op, Tensor x) {
        Operands.requireFloating(op, x);
        Operands.requireRank(op, "input", x, 4, "[N, C, H, W]");
        if (x.shape().size(2) < 1 || x.shape().size(3) < 1) {
            throw new IllegalArgumentException(op + " expects images of at least one pixel, got " + x.shape());
        }
        return x;
    }
}
