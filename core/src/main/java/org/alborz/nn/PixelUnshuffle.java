package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/** Pixels moved to channels, {@code y[c·r² + k·r + l, i, j] = x[c, i·r + k, j·r + l]} with the factor r, as {@link Tensor#pixelUnshuffle}. */
public final class PixelUnshuffle implements Fresh {
    private final int factor;

    /**
     * Makes a layer.
     *
     * @param factor r, at least 1
     */
    public PixelUnshuffle(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("PixelUnshuffle expects a factor of at least 1, got " + factor);
        }
        this.factor = factor;
    }

    /** Turns {@code [N, C, r·H, r·W]} into {@code [N, C·r², H, W]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Scope scope = x.session().scope("PixelUnshuffle")) {
            return scope.keep(x.pixelUnshuffle(factor));
        }
    }

    @Override
    public String toString() {
        return "PixelUnshuffle(" + factor + ")";
    }
}
