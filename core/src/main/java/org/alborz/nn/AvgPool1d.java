package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Pool1dParameters;

/**
 * The mean of each window of signals, {@code y[c, i] = Σ x[c, i·s + k·d − p] / K} over the K elements k of a window with stride s, dilation d and padding p,
 * which is counted in as zeros unless the parameters say otherwise.
 */
public final class AvgPool1d implements Fresh {
    private final Pool1dParameters parameters;

    /** Makes a layer of windows side by side. */
    public AvgPool1d(int kernel) {
        this(Pool1dParameters.of(kernel));
    }

    /**
     * Makes a layer.
     *
     * @param kernel elements of a window, at least 1
     * @param stride elements from one window to the next, at least 1
     * @param padding elements added on both sides; at most half the window
     */
    public AvgPool1d(int kernel, int stride, int padding) {
        this(Pool1dParameters.of(kernel).withStride(stride).withPadding(padding));
    }

    /** Makes a layer with padding on each side, dilation and rounding as given. */
    public AvgPool1d(Pool1dParameters parameters) {
        this.parameters = Given.value(parameters, "AvgPool1d", "parameters");
    }

    /** Pools {@code [N, C, L]} to {@code [N, C, OL]} with OL = ⌊(L + 2P − D(K − 1) − 1) / S⌋ + 1, rounded up with {@code ceil}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() != 3) {
            throw new IllegalArgumentException("AvgPool1d expects input [N, C, L], got " + x.describe());
        }
        try (Scope scope = x.session().scope("AvgPool1d")) {
            return scope.keep(x.avgPool1d(parameters));
        }
    }

    @Override
    public String toString() {
        return "AvgPool1d(" + parameters + ")";
    }
}
