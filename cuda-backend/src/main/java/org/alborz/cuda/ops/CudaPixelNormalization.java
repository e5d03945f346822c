package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.PixelNormalization;

/** Bytes of images to numbers in one pass. */
final class CudaPixelNormalization implements PixelNormalization {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    CudaPixelNormalization(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void apply(Operand x, Operand statistics, Operand rows, Operand columns, Operand y) {
        Operands.requireCountable("The normalisation of images", x.shape());
        int n = (int) Operands.elements(x);
        if (n > 0) {
            int channels = x.shape().size(1);
            int pitch = x.shape().size(3) * channels;
            context.kernels()
                    .normalizePixels(
                            y.dtype(),
                            x,
                            statistics,
                            rows,
                            columns,
                            y,
                            x.shape().size(2),
                            pitch,
                            channels,
                            n);
            context.run(n, PER_BLOCK);
        }
    }
}
