package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.MaxPool2dOp;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Pool2dParameters;

/** The largest element of each window of signals; padding is never the largest. */
public final class MaxPool1d implements Fresh {
    private final int kernel;
    private final int stride;
    private final int padding;
    private final MaxPool2dOp operation;

    /** Makes a layer of windows side by side. */
    public MaxPool1d(int kernel) {
        this(kernel, kernel, 0);
    }

    /**
     * Makes a layer.
     *
     * @param kernel elements of a window, at least 1
     * @param stride elements from one window to the next, at least 1
     * @param padding elements added on both sides; at most half the window
     */
    public MaxPool1d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
        this.operation = new MaxPool2dOp(new Pool2dParameters(1, kernel, 1, stride, 0, padding));
    }

    /** Pools {@code [N, C, L]} to {@code [N, C, OL]} with OL = ⌊(L + 2P − K) / S⌋ + 1. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() != 3) {
            throw new IllegalArgumentException("MaxPool1d expects input [N, C, L], got " + x.describe());
        }
        try (Scope scope = x.session().scope("MaxPool1d")) {
            return scope.keep(Engine.apply(operation, x.unsqueeze(2)).squeeze(2));
        }
    }

    @Override
    public String toString() {
        return "MaxPool1d(kernel=" + kernel + ", stride=" + stride + (padding == 0 ? "" : ", padding=" + padding) + ")";
    }
}
