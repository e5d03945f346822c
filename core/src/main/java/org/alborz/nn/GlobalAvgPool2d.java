package org.alborz.nn;

import org.alborz.ops.PoolingInput;
import org.alborz.tensor.Tensor;

/** The mean of each channel over the whole image, {@code y[n, c] = Σ x[n, c, i, j] / (H·W)}. */
public final class GlobalAvgPool2d implements Fresh {
    /** Pools {@code [N, C, H, W]} to {@code [N, C]}; H and W are at least 1. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return PoolingInput.require("GlobalAvgPool2d", x).mean(false, 2, 3);
    }
}
