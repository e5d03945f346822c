package org.alborz.train;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.Pass;
import org.alborz.tensor.Tensor;

/** Computes objectives and looks at what comes back. */
final class Losses {
    private Losses() {}

    /** Computes the loss of a batch and puts it there; refuses null. */
    static Tensor of(Objective objective, BatchTensors batch, Pass pass) {
        batch.dropResults();
        Tensor mean = objective.of(batch, pass);
        if (mean == null) {
            throw new IllegalArgumentException(
                    "The objective " + objective.settings() + " returned null; return a tensor with one element");
        }
        if (mean.isClosed()) {
            throw new IllegalArgumentException("The objective " + objective.settings()
                    + " returned a tensor that is closed; close none of what the loss is made of, the step does it");
        }
        batch.put(BatchTensors.LOSS, mean);
        return mean;
    }
}
