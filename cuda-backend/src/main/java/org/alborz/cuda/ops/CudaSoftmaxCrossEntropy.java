package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.SoftmaxCrossEntropy;

/** Softmax and cross-entropy in one pass over the scores, forward and backward. */
final class CudaSoftmaxCrossEntropy implements SoftmaxCrossEntropy {
    private final LaunchContext context;
    private final IndexFaults faults;

    CudaSoftmaxCrossEntropy(LaunchContext context, IndexFaults faults) {
        this.context = context;
        this.faults = faults;
    }

    @Override
    public boolean takesHalf() {
        return true;
    }

    @Override
    public void forward(double labelSmoothing, Operand logits, Operand labels, Operand losses) {
        long rows = logits.shape().size(0);
        long classes = logits.shape().size(1);
        if (rows > 0) {
            context.kernels()
                    .crossEntropy(logits.dtype(), labelSmoothing, logits, labels, losses, rows, classes, faults);
            context.runRows(rows, classes);
        }
    }

    @Override
    public void backward(double labelSmoothing, Operand logits, Operand labels, Operand dlosses, Operand dlogits) {
        long rows = logits.shape().size(0);
        long classes = logits.shape().size(1);
        if (rows > 0 && classes > 0) {
            context.kernels()
                    .crossEntropyBackward(
                            logits.dtype(), labelSmoothing, logits, labels, dlosses, dlogits, rows, classes, faults);
            context.runRows(rows, classes);
        }
    }
}
