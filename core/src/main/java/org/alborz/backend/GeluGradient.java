package org.alborz.backend;

/** The gradient of GELU (Hendrycks and Gimpel 2016) in one pass. */
public non-sealed interface GeluGradient extends EngineFusion {
    /**
     * Computes {@code dx = dy · (Φ(x) + x·φ(x))}, Φ and φ being the normal distribution and its density; all are of one dense layout.
     * Where x is beyond ±40 it is taken as ±40, so that an infinite x gives dy or 0.
     */
    void apply(Operand dy, Operand x, Operand dx);
}
