package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** All axes but the first as one: {@code [N, C, H, W]} to {@code [N, C·H·W]}, in row-major order. */
public final class Flatten implements Module {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int features = 1;
        for (int i = 1; i < x.shape().rank(); i++) {
            features = Math.multiplyExact(features, x.shape().size(i));
        }
        return x.reshape(Shape.of(x.shape().size(0), features));
    }
}
