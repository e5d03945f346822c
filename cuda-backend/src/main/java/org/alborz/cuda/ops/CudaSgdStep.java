package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.SgdStep;

/** Stochastic gradient descent in one launch. */
final class CudaSgdStep implements SgdStep {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final TypedKernel kernel;

    CudaSgdStep(LaunchContext context) {
        this.context = context;
        this.kernel = context.kernel("sgd");
    }

    @Override
    public void step(Parameters p, Operand value, Operand gradient, Operand velocity) {
        long n = Operands.elements(value);
        if (n > 0) {
            context.launch(kernel.of(value.dtype()))
                    .value(p.learningRate())
                    .value(p.momentum())
                    .value(p.weightDecay())
                    .value(p.nesterov() ? 1 : 0)
                    .address(Operands.address(value))
                    .address(Operands.address(gradient))
                    .address(Operands.addressOrNone(velocity))
                    .value(n);
            context.run(n, PER_BLOCK);
        }
    }
}
