package org.alborz.nn;

import org.alborz.ops.CrossEntropy;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** The mean cross-entropy of logits {@code [N, C]}. */
record CrossEntropyLoss(double labelSmoothing) implements Loss {
    CrossEntropyLoss {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("crossEntropy expects label smoothing in [0, 1), got " + labelSmoothing);
        }
    }

    @Override
    public Tensor of(Tensor output, Tensor labels) {
        Tensor logits = LossInput.of(output);
        Tensor losses = Engine.apply(new CrossEntropy(labelSmoothing), logits, labels);
        return losses.mean();
    }

    @Override
    public String settings() {
        return "cross_entropy label_smoothing=" + labelSmoothing;
    }

    @Override
    public int classes(Shape output) {
        return output.rank() == 2 ? output.size(1) : Integer.MAX_VALUE;
    }
}
