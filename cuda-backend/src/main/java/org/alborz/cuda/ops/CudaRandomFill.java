package org.alborz.cuda.ops;

import org.alborz.backend.DropoutMask;
import org.alborz.backend.Operand;
import org.alborz.backend.RandomFill;
import org.alborz.backend.RandomKey;
import org.alborz.cuda.driver.Launcher;

/** Random numbers and dropout, word for word those of the CPU. */
final class CudaRandomFill implements RandomFill, DropoutMask {
    private static final int PER_BLOCK = 1024;

    /** How many different uniform numbers there are; see {@link RandomFill#uniform}. */
    private static final double NUMBERS = 1 << 24;

    private final LaunchContext context;
    private final RandomAdvance advance;
    private final TypedKernel uniform;
    private final TypedKernel normal;
    private final TypedKernel dropout;

    CudaRandomFill(LaunchContext context, RandomAdvance advance) {
        this.context = context;
        this.advance = advance;
        uniform = context.kernel("uniform");
        normal = context.kernel("normal");
        dropout = context.kernel("dropout");
    }

    @Override
    public void uniform(RandomKey key, Operand y) {
        fill(uniform, key, y);
    }

    @Override
    public void normal(RandomKey key, Operand y) {
        fill(normal, key, y);
    }

    private void fill(TypedKernel kernel, RandomKey key, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            begin(kernel, key, y).address(Operands.address(y)).value(n);
            context.run(n, PER_BLOCK);
        }
    }

    private Launcher begin(TypedKernel kernel, RandomKey key, Operand y) {
        return context.launch(kernel.of(y.dtype()))
                .value(key.seed())
                .value(key.stream())
                .value(key.counter())
                .address(advance.address());
    }

    @Override
    public void apply(RandomKey key, double rate, Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            begin(dropout, key, y)
                    .value((int) Math.ceil(rate * NUMBERS))
                    .value(1 / (1 - rate))
                    .address(Operands.address(x))
                    .address(Operands.address(y))
                    .value(n);
            context.run(n, PER_BLOCK);
        }
    }
}
