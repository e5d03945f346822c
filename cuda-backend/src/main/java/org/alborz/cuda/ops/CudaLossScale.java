package org.alborz.cuda.ops;

import org.alborz.backend.LossScaleStep;
import org.alborz.backend.Operand;

/** Divides gradients by the loss scale and adapts it, in one launch. */
final class CudaLossScale implements LossScaleStep {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final FinishedBlocks finished;

    CudaLossScale(LaunchContext context, FinishedBlocks finished) {
        this.context = context;
        this.finished = finished;
    }

    @Override
    public void step(Parameters p, Operand gradients, Operand state, Operand factor, Operand choices, Operand numbers) {
        long n = Operands.elements(gradients);
        int count = numbers == null ? 0 : Math.toIntExact(Operands.elements(numbers));
        int rows = numbers == null ? 0 : Math.toIntExact((Operands.elements(choices) - 1) / count);
        context.kernels()
                .unscale(
                        gradients,
                        state,
                        factor,
                        choices,
                        numbers,
                        rows,
                        count,
                        p.growth(),
                        p.backoff(),
                        p.smallest(),
                        p.largest(),
                        p.growthSteps(),
                        finished,
                        n);
        context.run(Math.max(1, n), PER_BLOCK);
    }
}
