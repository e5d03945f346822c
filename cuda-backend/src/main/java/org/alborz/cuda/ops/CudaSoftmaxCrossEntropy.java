package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.SoftmaxCrossEntropy;

/** Softmax and cross-entropy in one pass over the scores, forward and backward. */
final class CudaSoftmaxCrossEntropy implements SoftmaxCrossEntropy {
    private final IndexFaults faults;
    private final RowKernel forward;
    private final RowKernel backward;

    CudaSoftmaxCrossEntropy(LaunchContext context, IndexFaults faults) {
        this.faults = faults;
        forward = new RowKernel(context, "cross_entropy");
        backward = new RowKernel(context, "cross_entropy_backward");
    }

    @Override
    public void forward(double labelSmoothing, Operand logits, Operand labels, Operand losses) {
        long rows = logits.shape().size(0);
        long classes = logits.shape().size(1);
        if (rows > 0) {
            forward.begin(logits.dtype(), classes)
                    .value(labelSmoothing)
                    .address(Operands.address(logits))
                    .address(Operands.address(labels))
                    .address(Operands.address(losses))
                    .value(rows)
                    .value(classes)
                    .address(faults.address());
            forward.run(rows, classes);
        }
    }

    @Override
    public void backward(double labelSmoothing, Operand logits, Operand labels, Operand dlosses, Operand dlogits) {
        long rows = logits.shape().size(0);
        long classes = logits.shape().size(1);
        if (rows > 0 && classes > 0) {
            backward.begin(logits.dtype(), classes)
                    .value(labelSmoothing)
                    .address(Operands.address(logits))
                    .address(Operands.address(labels))
                    .address(Operands.address(dlosses))
                    .address(Operands.address(dlogits))
                    .value(rows)
                    .value(classes)
                    .address(faults.address());
            backward.run(rows, classes);
        }
    }
}
