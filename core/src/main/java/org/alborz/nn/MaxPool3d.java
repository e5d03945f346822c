package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Pool3dParameters;

/**
 * The largest element of each window of volumes, {@code y[c, h, i, j] = max x[c, h·s + m·d − p, i·s + k·d − p, j·s + l·d − p]} with stride s, dilation d and
 * padding p, which is never the largest.
 */
public final class MaxPool3d implements Fresh {
    private final Pool3dParameters parameters;

    /** Makes a layer of cubic windows side by side. */
    public MaxPool3d(int kernel) {
        this(Pool3dParameters.of(kernel));
    }

    /** Makes a layer of cubic windows with a stride and a padding along all three axes; padding is at most half the window. */
    public MaxPool3d(int kernel, int stride, int padding) {
        this(Pool3dParameters.of(kernel).withStride(stride).withPadding(padding));
    }

    /** Makes a layer with kernel, stride, padding, dilation and rounding as given, each axis apart. */
    public MaxPool3d(Pool3dParameters parameters) {
        this.parameters = Given.value(parameters, "MaxPool3d", "parameters");
    }

    /** Pools {@code [N, C, D, H, W]} to {@code [N, C, OD, OH, OW]}, each axis of ⌊(size + 2P − K) / S⌋ + 1. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Scope scope = x.session().scope("MaxPool3d")) {
            return scope.keep(x.maxPool3d(parameters));
        }
    }

    @Override
    public String toString() {
        return "MaxPool3d(" + parameters + ")";
    }
}
