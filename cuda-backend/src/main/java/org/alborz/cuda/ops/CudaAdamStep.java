package org.alborz.cuda.ops;

import org.alborz.backend.AdamStep;
import org.alborz.backend.Operand;

/** Adam in one launch over the four arrays. */
final class CudaAdamStep implements AdamStep {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final TypedKernel kernel;

    CudaAdamStep(LaunchContext context) {
        this.context = context;
        this.kernel = context.kernel("adam");
    }

    @Override
    public void step(Parameters p, Operand value, Operand gradient, Operand firstMoment, Operand secondMoment) {
        long n = Operands.elements(value);
        if (n > 0) {
            context.launch(kernel.of(value.dtype()))
                    .value(p.beta1())
                    .value(p.beta2())
                    .value(p.learningRate() / (1 - Math.pow(p.beta1(), p.step())))
                    .value(1 / (1 - Math.pow(p.beta2(), p.step())))
                    .value(p.epsilon())
                    .value(p.decoupled() ? 0 : p.weightDecay())
                    .value(p.decoupled() ? 1 - p.learningRate() * p.weightDecay() : 1)
                    .address(Operands.address(value))
                    .address(Operands.address(gradient))
                    .address(Operands.address(firstMoment))
                    .address(Operands.address(secondMoment))
                    .value(n);
            context.run(n, PER_BLOCK);
        }
    }
}
