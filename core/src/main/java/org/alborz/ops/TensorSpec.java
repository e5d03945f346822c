package org.alborz.ops;

import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** What is known of a tensor without its memory. */
public record TensorSpec(DType dtype, Layout layout) {
    /** Returns a contiguous one. */
    public static TensorSpec of(DType dtype, int... sizes) {
        return new TensorSpec(dtype, Layout.rowMajor(Shape.of(sizes)));
    }

    public Shape shape() {
        return layout.shape();
    }

    @Override
    public String toString() {
        return shape() + " " + dtype;
    }
}
