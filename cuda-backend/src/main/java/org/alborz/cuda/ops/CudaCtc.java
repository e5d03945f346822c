package org.alborz.cuda.ops;

import org.alborz.backend.Ctc;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/** Connectionist temporal classification in one launch, a block a sequence, forward and backward. */
final class CudaCtc implements Ctc {
    /** The rows of states that the kernel needs for each sequence: two of α forward; backward two of β, one of shares, and α of each time. */
    private static final int ROWS_FORWARD = 2;

    private static final int ROWS_BACKWARD = 3;

    private final LaunchContext context;
    private final IndexFaults faults;

    CudaCtc(LaunchContext context, IndexFaults faults) {
        this.context = context;
        this.faults = faults;
    }

    @Override
    public void forward(Inputs in, Operand losses) {
        if (in.samples() == 0) {
            return;
        }
        try (TemporaryBuffer scratch = scratch(in, ROWS_FORWARD)) {
            context.kernels()
                    .ctc(
                            in.logs().dtype(),
                            in.blank(),
                            in.logs(),
                            in.labels(),
                            in.inputLengths(),
                            in.labelLengths(),
                            scratch,
                            losses,
                            in.samples(),
                            in.times(),
                            in.classes(),
                            in.mostLabels(),
                            faults);
            context.run(in.samples(), 1);
        }
    }

    @Override
    public void backward(Inputs in, Operand dLosses, Operand dLogs) {
        if (in.samples() == 0 || in.times() == 0) {
            return;
        }
        try (TemporaryBuffer scratch = scratch(in, (long) in.times() + ROWS_BACKWARD)) {
            context.kernels()
                    .ctcBackward(
                            in.logs().dtype(),
                            in.blank(),
                            in.logs(),
                            in.labels(),
                            in.inputLengths(),
                            in.labelLengths(),
                            scratch,
                            dLosses,
                            dLogs,
                            in.samples(),
                            in.times(),
                            in.classes(),
                            in.mostLabels(),
                            faults);
            context.run(in.samples(), 1);
        }
    }

    private TemporaryBuffer scratch(Inputs in, long rows) {
        return context.pool().borrow(DType.FLOAT64, in.samples() * rows * (2L * in.mostLabels() + 1));
    }
}
