package org.alborz.cuda.ops;

import org.alborz.backend.ImageGather;
import org.alborz.backend.Operand;

/** Batches of images that are on the device, in one launch. */
final class CudaImageGather implements ImageGather {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    CudaImageGather(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void apply(boolean reflects, Operand x, Operand statistics, Operand moves, Operand y) {
        Operands.requireCountable("A batch of images", y.shape());
        int n = (int) Operands.elements(y);
        if (n > 0) {
            context.kernels()
                    .gatherImages(
                            y.dtype(),
                            x,
                            statistics,
                            moves,
                            y,
                            x.shape().size(2),
                            x.shape().size(3),
                            x.shape().size(1),
                            reflects ? 1 : 0,
                            n);
            context.run(n, PER_BLOCK);
        }
    }
}
