package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * The means of windows that adapt to a given size of the result, the rows of window i going from {@code ⌊i·H / height⌋} to before
 * {@code ⌈(i + 1)·H / height⌉} and its columns likewise, as {@link Tensor#adaptiveAvgPool2d}.
 */
public final class AdaptiveAvgPool2d implements Fresh {
    private final int height;
    private final int width;

    /** Makes a layer with square results. */
    public AdaptiveAvgPool2d(int size) {
        this(size, size);
    }

    /**
     * Makes a layer.
     *
     * @param height of the result, at least 1
     * @param width of the result, at least 1
     */
    public AdaptiveAvgPool2d(int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "AdaptiveAvgPool2d expects a height and a width of at least 1, got " + height + "x" + width);
        }
        this.height = height;
        this.width = width;
    }

    /** Pools {@code [N, C, H, W]}, of at least one pixel, to {@code [N, C, height, width]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Scope scope = x.session().scope("AdaptiveAvgPool2d")) {
            return scope.keep(x.adaptiveAvgPool2d(height, width));
        }
    }

    @Override
    public String toString() {
        return "AdaptiveAvgPool2d(" + height + "x" + width + ")";
    }
}
