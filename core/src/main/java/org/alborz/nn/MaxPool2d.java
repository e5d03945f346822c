package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.MaxPool2dOp;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Pool2dParameters;

/** The largest element of each window, {@code y[c, i, j] = max x[c, i·s + k − p, j·s + l − p]} with stride s and padding p, which is never the largest. */
public final class MaxPool2d implements Fresh {
    private final MaxPool2dOp operation;

    /** Makes a layer of square windows side by side. */
    public MaxPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Makes a layer of square windows; padding never wins. */
    public MaxPool2d(int kernel, int stride, int padding) {
        this(new Pool2dParameters(kernel, kernel, stride, stride, padding, padding));
    }

    public MaxPool2d(Pool2dParameters parameters) {
        this.operation = new MaxPool2dOp(Given.value(parameters, "MaxPool2d", "parameters"));
    }

    /** Pools {@code [N, C, H, W]} to {@code [N, C, OH, OW]} with OH = ⌊(H + 2P − K) / S⌋ + 1. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return Engine.apply(operation, x);
    }

    @Override
    public String toString() {
        return "MaxPool2d(" + operation.p() + ")";
    }
}
