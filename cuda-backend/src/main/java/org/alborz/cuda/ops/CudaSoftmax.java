package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.Softmax;

/** Softmax, a row at a time. */
final class CudaSoftmax implements Softmax {

    private final LaunchContext context;

    CudaSoftmax(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void softmax(Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            long width = width(y);
            context.kernels().softmax(y.dtype(), x, y, n / width, width);
            context.runRows(n / width, width);
        }
    }

    @Override
    public void logSoftmax(Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            long width = width(y);
            context.kernels().logSoftmax(y.dtype(), x, y, n / width, width);
            context.runRows(n / width, width);
        }
    }

    private static long width(Operand y) {
        return y.shape().rank() == 0 ? 1 : y.shape().size(-1);
    }
}
