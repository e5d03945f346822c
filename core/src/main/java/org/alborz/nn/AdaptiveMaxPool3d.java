package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * The largest elements of windows of volumes that adapt to a given size of the result, window i of each axis going from {@code ⌊i·size / result⌋} to before
 * {@code ⌈(i + 1)·size / result⌉}, as {@link Tensor#adaptiveMaxPool3d}.
 */
public final class AdaptiveMaxPool3d implements Fresh {
    private final int depth;
    private final int height;
    private final int width;

    /** Makes a layer with cubic results. */
    public AdaptiveMaxPool3d(int size) {
        this(size, size, size);
    }

    /**
     * Makes a layer.
     *
     * @param depth of the result, at least 1
     * @param height of the result, at least 1
     * @param width of the result, at least 1
     */
    public AdaptiveMaxPool3d(int depth, int height, int width) {
        if (depth < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("AdaptiveMaxPool3d expects a depth, a height and a width of at least 1,"
                    + " got " + depth + "x" + height + "x" + width);
        }
        this.depth = depth;
        this.height = height;
        this.width = width;
    }

    /** Pools {@code [N, C, D, H, W]}, of at least one pixel, to {@code [N, C, depth, height, width]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Scope scope = x.session().scope("AdaptiveMaxPool3d")) {
            return scope.keep(x.adaptiveMaxPool3d(depth, height, width));
        }
    }

    @Override
    public String toString() {
        return "AdaptiveMaxPool3d(" + depth + "x" + height + "x" + width + ")";
    }
}
