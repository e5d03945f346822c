package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** All axes but the first as one: {@code [N, C, H, W]} to {@code [N, C·H·W]}, in row-major order. */
public final class Flatten implements Fresh {
    /** Reads {@code [N, …]} as {@code [N, K]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Shape shape = x.shape();
        if (shape.rank() < 1) {
            throw new IllegalArgumentException("Flatten expects input [N, ...], got a scalar");
        }
        long features = 1;
        for (int i = 1; i < shape.rank(); i++) {
            features *= shape.size(i);
            if (features > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "Flatten expects at most " + Integer.MAX_VALUE + " features a sample, got input " + shape);
            }
        }
        return x.reshape(Shape.of(shape.size(0), (int) features));
    }
}
