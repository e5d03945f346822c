package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * The means of windows of signals that adapt to a given size of the result, window i going from {@code ⌊i·L / size⌋} to before {@code ⌈(i + 1)·L / size⌉}, as
 * {@link Tensor#adaptiveAvgPool2d} of one row.
 */
public final class AdaptiveAvgPool1d implements Fresh {
    private final int size;

    /**
     * Makes a layer.
     *
     * @param size elements of the result, at least 1
     */
    public AdaptiveAvgPool1d(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("AdaptiveAvgPool1d expects a size of at least 1, got " + size);
        }
        this.size = size;
    }

    /** Pools {@code [N, C, L]}, of at least one element, to {@code [N, C, size]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() != 3) {
            throw new IllegalArgumentException("AdaptiveAvgPool1d expects input [N, C, L], got " + x.describe());
        }
        try (Scope scope = x.session().scope("AdaptiveAvgPool1d")) {
            return scope.keep(x.unsqueeze(2).adaptiveAvgPool2d(1, size).squeeze(2));
        }
    }

    @Override
    public String toString() {
        return "AdaptiveAvgPool1d(" + size + ")";
    }
}
