package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.UpdateStep;

/** An optimizer's step in one launch over all arrays. */
final class CudaUpdateStep implements UpdateStep {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    CudaUpdateStep(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void step(Parameters p, Operand value, Operand gradient, Operand first, Operand second, Operand third) {
        long n = Operands.elements(value);
        if (n > 0) {
            context.kernels()
                    .update(
                            value.dtype(),
                            p.rule(),
                            p.rate(),
                            p.gradientRate(),
                            p.beta1(),
                            p.beta2(),
                            p.correction(),
                            p.epsilon(),
                            p.decay(),
                            p.shrink(),
                            value,
                            gradient,
                            first,
                            second,
                            third,
                            n);
            context.run(n, PER_BLOCK);
        }
    }
}
