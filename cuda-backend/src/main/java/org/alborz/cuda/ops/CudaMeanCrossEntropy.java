package org.alborz.cuda.ops;

import org.alborz.backend.MeanSoftmaxCrossEntropy;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;

/** The mean of cross-entropies in one kernel, whose last block adds the losses up in float64, and its gradient in another. */
final class CudaMeanCrossEntropy implements MeanSoftmaxCrossEntropy {
    private final LaunchContext context;
    private final IndexFaults faults;
    private final FinishedBlocks finished;

    CudaMeanCrossEntropy(LaunchContext context, IndexFaults faults, FinishedBlocks finished) {
        this.context = context;
        this.faults = faults;
        this.finished = finished;
    }

    @Override
    public void forward(double labelSmoothing, Operand logits, Operand labels, Operand loss) {
        long rows = logits.shape().size(0);
        long classes = logits.shape().size(1);
        try (TemporaryBuffer losses = context.pool().borrow(logits.dtype().accumulator(), rows)) {
            context.kernels()
                    .meanCrossEntropy(
                            logits.dtype(),
                            labelSmoothing,
                            logits,
                            labels,
                            losses,
                            loss,
                            finished,
                            rows,
                            classes,
                            faults);
            context.runRows(rows, classes);
        }
    }

    @Override
    public void backward(double labelSmoothing, Operand logits, Operand labels, Operand dloss, Operand dlogits) {
        long rows = logits.shape().size(0);
        long classes = logits.shape().size(1);
        context.kernels()
                .meanCrossEntropyBackward(
                        logits.dtype(), labelSmoothing, logits, labels, dloss, dlogits, rows, classes, faults);
        context.runRows(rows, classes);
    }
}
