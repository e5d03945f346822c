package org.alborz.nn;

import org.alborz.ops.AvgPool2dOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Pool2dParameters;

/** The mean of each window of signals, padding counted in as zeros. */
public final class AvgPool1d implements Fresh {
    private final int kernel;
    private final int stride;
    private final int padding;
    private final AvgPool2dOp operation;

    /** Makes a layer of windows side by side. */
    public AvgPool1d(int kernel) {
        this(kernel, kernel, 0);
    }

    /**
     * Makes a layer.
     *
     * @param kernel elements of a window, at least 1
     * @param stride elements from one window to the next, at least 1
     * @param padding elements added on both sides; at most half the window
     */
    public AvgPool1d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
        this.operation = new AvgPool2dOp(new Pool2dParameters(1, kernel, 1, stride, 0, padding));
    }

    /** Pools {@code [N, C, L]} to {@code [N, C, OL]} with OL = ⌊(L + 2P − K) / S⌋ + 1. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() != 3) {
            throw new IllegalArgumentException("AvgPool1d expects input [N, C, L], got " + x.describe());
        }
        try (Scope scope = x.session().scope("AvgPool1d")) {
            return scope.keep(Engine.apply(operation, x.unsqueeze(2)).squeeze(2));
        }
    }

    @Override
    public String toString() {
        return "AvgPool1d(kernel=" + kernel + ", stride=" + stride + (padding == 0 ? "" : ", padding=" + padding) + ")";
    }
}
