package org.alborz.ops;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

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
        if (!x.dtype().isFloating()) {
            throw new IllegalArgumentException(op + " expects a floating tensor, got " + x.describe());
        }
        require(op, x.shape());
        return x;
    }

    static void require(Call call) {
        call.floating(0);
        require(call.name(), call.shape(0));
    }

    static void require(String op, Shape x) {
        if (x.rank() != 4) {
            throw new IllegalArgumentException(op + " expects input [N, C, H, W], got " + x);
        }
        if (x.size(2) < 1 || x.size(3) < 1) {
            throw new IllegalArgumentException(op + " expects images of at least one pixel, got " + x);
        }
    }
}
