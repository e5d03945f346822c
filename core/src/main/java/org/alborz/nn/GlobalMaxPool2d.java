package org.alborz.nn;

import org.alborz.ops.PoolingInput;
import org.alborz.tensor.Tensor;

/** The largest element of each channel over the whole image, {@code y[n, c] = max x[n, c, i, j]}. */
public final class GlobalMaxPool2d implements Fresh {
    /** Pools {@code [N, C, H, W]} to {@code [N, C]}; H and W are at least 1. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return PoolingInput.require("GlobalMaxPool2d", x).max(false, 2, 3);
    }
}
