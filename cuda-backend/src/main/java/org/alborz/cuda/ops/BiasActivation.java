package org.alborz.cuda.ops;

import org.alborz.backend.Activation;
import org.alborz.backend.Operand;

/** What comes after a product or a convolution: a bias for each column, and an activation, in place. */
final class BiasActivation {
    private static final int PER_BLOCK = 1024;

    private final Workplace workplace;
    private final TypedKernel kernel;

    BiasActivation(Workplace workplace) {
        this.workplace = workplace;
        this.kernel = workplace.kernel("bias");
    }

    /**
     * Computes {@code y = activation(y + bias)}.
     *
     * @param bias {@code [columns]}, or null
     * @param y rows of columns, in one piece
     */
    void apply(Operand bias, Activation activation, Operand y, long rows, long columns) {
        if (bias != null || activation != Activation.NONE) {
            workplace
                    .launch(kernel.of(y.dtype()))
                    .address(Operands.addressOrNone(bias))
                    .value(activation.ordinal())
                    .address(Operands.address(y))
                    .value(rows)
                    .value(columns);
            workplace.run(rows * columns, PER_BLOCK);
        }
    }
}
