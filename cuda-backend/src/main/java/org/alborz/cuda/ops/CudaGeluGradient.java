package org.alborz.cuda.ops;

import org.alborz.backend.GeluGradient;
import org.alborz.backend.Operand;

/** GELU's gradient in one kernel, which computes in float32 (float64) and rounds once. */
final class CudaGeluGradient implements GeluGradient {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    CudaGeluGradient(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void apply(Operand dy, Operand x, Operand dx) {
        long n = Operands.elements(dx);
        if (n > 0) {
            context.kernels().geluBackward(dx.dtype(), dy, x, dx, n);
            context.run(n, PER_BLOCK);
        }
    }
}
