package org.alborz.train;

import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * Keeps gradients small, on the device.
 *
 * @param norm the most that the norm of all gradients together may be, or 0 for any
 * @param value the most that the magnitude of each may be, or 0 for any
 */
record GradientClipping(double norm, double value) {
    static final GradientClipping NONE = new GradientClipping(0, 0);

    /** Keeps a norm of 0 from dividing by it. */
    private static final double EPSILON = 1e-6;

    GradientClipping {
        if (norm > 0 && value > 0) {
            throw new IllegalArgumentException("A trainer clips gradients by their norm or by value, got clipNorm "
                    + norm + " and clipValue " + value + "; choose one");
        }
    }

    /** Returns a bound, or refuses it. */
    static double above0(String name, double bound) {
        if (!(bound > 0) || Double.isInfinite(bound)) {
            throw new IllegalArgumentException(name + " expects a finite number above 0, got " + bound);
        }
        return bound;
    }

    void apply(Tensor gradients) {
        if (value > 0) {
            gradients.update(UnaryOp.MAXIMUM, -value).update(UnaryOp.MINIMUM, value);
        } else if (norm > 0) {
            try (Scope scope = gradients.session().scope("clipping")) {
                Tensor wide = gradients.to(gradients.dtype().accumulator());
                Tensor factor = wide.square()
                        .sum()
                        .sqrt()
                        .add(EPSILON)
                        .apply(UnaryOp.RECIPROCAL)
                        .mul(norm)
                        .apply(UnaryOp.MINIMUM, 1);
                gradients.assign(wide.mul(factor));
            }
        }
    }

    String settings() {
        return norm > 0 ? "norm " + norm : value > 0 ? "value " + value : "none";
    }
}
