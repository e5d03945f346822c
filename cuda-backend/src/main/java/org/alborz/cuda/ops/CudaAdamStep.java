package org.alborz.cuda.ops;

import org.alborz.backend.AdamStep;
import org.alborz.backend.Operand;

/** Adam in one launch over the four arrays. */
final class CudaAdamStep implements AdamStep {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    CudaAdamStep(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void step(Parameters p, Operand value, Operand gradient, Operand firstMoment, Operand secondMoment) {
        long n = Operands.elements(value);
        if (n > 0) {
            context.kernels()
                    .adam(
                            value.dtype(),
                            p.beta1(),
                            p.beta2(),
                            p.learningRate() / (1 - Math.pow(p.beta1(), p.step())),
                            1 / (1 - Math.pow(p.beta2(), p.step())),
                            p.epsilon(),
                            p.decoupled() ? 0 : p.weightDecay(),
                            p.decoupled() ? 1 - p.learningRate() * p.weightDecay() : 1,
                            value,
                            gradient,
                            firstMoment,
                            secondMoment,
                            n);
            context.run(n, PER_BLOCK);
        }
    }
}
