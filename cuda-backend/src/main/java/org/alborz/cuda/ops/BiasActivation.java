package org.alborz.cuda.ops;

import org.alborz.backend.Activation;
import org.alborz.backend.Operand;

/** What comes after a product or a convolution, in place: a bias for each column, an addend for each element, and an activation. */
final class BiasActivation {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final TypedKernel kernel;

    BiasActivation(LaunchContext context) {
        this.context = context;
        this.kernel = context.kernel("bias");
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
            context.launch(kernel.of(y.dtype()))
                    .address(Operands.addressOrNone(bias))
                    .address(Operands.addressOrNone(addend))
                    .value(activation.ordinal())
                    .address(Operands.address(y))
                    .value(rows)
                    .value(columns);
            context.run(rows * columns, PER_BLOCK);
        }
    }
}
