package org.alborz.train;

import org.alborz.nn.Loss;
import org.alborz.tensor.Tensor;

/** Computes losses and looks at what comes back. */
final class Losses {
    private Losses() {}

    /** Returns the loss of a batch; refuses null. */
    static Tensor of(Loss loss, Tensor output, Tensor labels) {
        Tensor mean = loss.of(output, labels);
        if (mean == null) {
            throw new IllegalArgumentException("The loss " + loss.settings() + " returned null for outputs "
                    + output.shape() + "; return a tensor with one element");
        }
        return mean;
    }
}
