package org.alborz.cuda.ops;

import org.alborz.backend.DropoutMask;
import org.alborz.backend.Operand;
import org.alborz.backend.RandomFill;
import org.alborz.random.RandomKey;

/** Random numbers and dropout, word for word those of the CPU. */
final class CudaRandomFill implements RandomFill, DropoutMask {
    private static final int PER_BLOCK = 1024;

    /** How many different uniform numbers there are; see {@link RandomFill#uniform}. */
    private static final double NUMBERS = 1 << 24;

    private final LaunchContext context;
    private final RandomAdvance advance;

    CudaRandomFill(LaunchContext context, RandomAdvance advance) {
        this.context = context;
        this.advance = advance;
    }

    @Override
    public void uniform(RandomKey key, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            context.kernels().uniform(y.dtype(), key.seed(), key.stream(), advance.counter(key), advance, y, n);
            context.run(n, PER_BLOCK);
        }
    }

    @Override
    public void normal(RandomKey key, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            context.kernels().normal(y.dtype(), key.seed(), key.stream(), advance.counter(key), advance, y, n);
            context.run(n, PER_BLOCK);
        }
    }

    @Override
    public void apply(RandomKey key, double rate, Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            int threshold = (int) Math.ceil(rate * NUMBERS);
            double scale = 1 / (1 - rate);
            context.kernels()
                    .dropout(
                            y.dtype(),
                            key.seed(),
                            key.stream(),
                            advance.counter(key),
                            advance,
                            threshold,
                            scale,
                            x,
                            y,
                            n);
            context.run(n, PER_BLOCK);
        }
    }
}
