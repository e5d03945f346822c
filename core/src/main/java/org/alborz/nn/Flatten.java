package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** All axes but the first as one: {@code [N, C, H, W]} to {@code [N, C·H·W]}, in row-major order. */
public final class Flatten implements Module {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.reshape(
                x.shape().size(0),
                Math.toIntExact(x.shape().elements() / Math.max(1, x.shape().size(0))));
    }
}
