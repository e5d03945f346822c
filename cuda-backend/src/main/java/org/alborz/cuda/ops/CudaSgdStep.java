package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.SgdStep;

/** Stochastic gradient descent in one launch. */
final class CudaSgdStep implements SgdStep {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    CudaSgdStep(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void step(Parameters p, Operand value, Operand gradient, Operand velocity) {
        long n = Operands.elements(value);
        if (n > 0) {
            context.kernels()
                    .sgd(
                            value.dtype(),
                            p.learningRate(),
                            p.momentum(),
                            p.weightDecay(),
                            p.nesterov() ? 1 : 0,
                            value,
                            gradient,
                            velocity,
                            n);
            context.run(n, PER_BLOCK);
        }
    }
}
