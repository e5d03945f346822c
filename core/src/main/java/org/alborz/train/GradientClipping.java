package org.alborz.train;

import org.alborz.nn.TrainingStep;

/**
 * How gradients are kept small.
 *
 * @param norm the most that the norm of all gradients together may be, or 0 for any
 * @param value the most that the magnitude of each may be, or 0 for any
 */
record GradientClipping(double norm, double value) {
    static final GradientClipping NONE = new GradientClipping(0, 0);

    GradientClipping {
        if (norm > 0 && value > 0) {
            throw new IllegalArgumentException("A trainer clips gradients by their norm or by value, got clipNorm "
                    + norm + " and clipValue " + value + "; choose one");
        }
    }

    void apply(TrainingStep step) {
        if (value > 0) {
            step.clipValue(value);
        } else if (norm > 0) {
            step.clipNorm(norm);
        }
    }

    String settings() {
        return norm > 0 ? "norm " + norm : value > 0 ? "value " + value : "none";
    }
}
