package org.alborz.nn;

import org.alborz.ops.AvgPool2dOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Pool2dParameters;

/** The mean of each window, {@code y[c, i, j] = Σ x[c, i·s + k − p, j·s + l − p] / K²} with stride s and padding p, which is counted in as zeros. */
public final class AvgPool2d implements Fresh {
    private final AvgPool2dOp operation;

    /** Makes a layer of square windows side by side. */
    public AvgPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Makes a layer of square windows; padding counts as zeros. */
    public AvgPool2d(int kernel, int stride, int padding) {
        this(new Pool2dParameters(kernel, kernel, stride, stride, padding, padding));
    }

    public AvgPool2d(Pool2dParameters parameters) {
        this.operation = new AvgPool2dOp(Given.value(parameters, "AvgPool2d", "parameters"));
    }

    /** Pools {@code [N, C, H, W]} to {@code [N, C, OH, OW]} with OH = ⌊(H + 2P − K) / S⌋ + 1. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return Engine.apply(operation, x);
    }

    @Override
    public String toString() {
        return "AvgPool2d(" + operation.p() + ")";
    }
}
