package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** Multiplies by a constant, {@code y = scale·x}, such as logits that would grow too fast at a large learning rate. */
public final class Rescaling implements Fresh {
    private final double scale;

    /**
     * Makes a layer.
     *
     * @param scale finite
     */
    public Rescaling(double scale) {
        if (!Double.isFinite(scale)) {
            throw new IllegalArgumentException("Rescaling expects a finite scale, got " + scale);
        }
        this.scale = scale;
    }

    /** Multiplies a tensor of any shape {@code [N, …]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.mul(scale);
    }

    @Override
    public String toString() {
        return "Rescaling(" + scale + ")";
    }
}
