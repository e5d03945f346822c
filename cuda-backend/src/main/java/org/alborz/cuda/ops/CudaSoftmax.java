package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.Softmax;

/** Softmax, a row at a time. */
final class CudaSoftmax implements Softmax {
    private final RowKernel softmax;
    private final RowKernel logSoftmax;

    CudaSoftmax(LaunchContext context) {
        softmax = new RowKernel(context, "softmax");
        logSoftmax = new RowKernel(context, "log_softmax");
    }

    @Override
    public void softmax(Operand x, Operand y) {
        run(softmax, x, y);
    }

    @Override
    public void logSoftmax(Operand x, Operand y) {
        run(logSoftmax, x, y);
    }

    private static void run(RowKernel kernel, Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            long width = y.shape().rank() == 0 ? 1 : y.shape().size(-1);
            kernel.begin(y.dtype(), width)
                    .address(Operands.address(x))
                    .address(Operands.address(y))
                    .value(n / width)
                    .value(width);
            kernel.run(n / width, width);
        }
    }
}
