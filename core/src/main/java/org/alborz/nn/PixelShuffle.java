package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * Channels moved to pixels (Shi et al. 2016), {@code y[c, i·r + k, j·r + l] = x[c·r² + k·r + l, i, j]} with the factor r, as {@link Tensor#pixelShuffle}.
 */
public final class PixelShuffle implements Fresh {
    private final int factor;

    /**
     * Makes a layer.
     *
     * @param factor r, at least 1
     */
    public PixelShuffle(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("PixelShuffle expects a factor of at least 1, got " + factor);
        }
        this.factor = factor;
    }

    /** Turns {@code [N, C·r², H, W]} into {@code [N, C, r·H, r·W]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Scope scope = x.session().scope("PixelShuffle")) {
            return scope.keep(x.pixelShuffle(factor));
        }
    }

    @Override
    public String toString() {
        return "PixelShuffle(" + factor + ")";
    }
}
