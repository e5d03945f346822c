package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.type.Activation;

/** What comes after a product or a convolution, in place: a bias for each column, an addend for each element, and an activation. */
final class BiasActivation {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    BiasActivation(LaunchContext context) {
        this.context = context;
    }

    /**
     * Computes {@code y = activation(y + bias + addend)}.
     *
     * @param bias {@code [columns]}, or null
     * @param addend as y, or null
     * @param y rows of columns, in one piece
     */
    void apply(Operand bias, Operand addend, Activation activation, Operand y, long rows, long columns) {
        if (bias != null || addend != null || activation != Activation.NONE) {
            context.kernels().bias(y.dtype(), bias, addend, activation, y, rows, columns);
            context.run(rows * columns, PER_BLOCK);
        }
    }
}
