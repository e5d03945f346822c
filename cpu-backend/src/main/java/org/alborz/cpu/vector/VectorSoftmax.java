package org.alborz.cpu.vector;

import java.util.function.Supplier;
import org.alborz.backend.Operand;
import org.alborz.backend.Softmax;

/** Softmax as the reference computes it, on all threads. */
final class VectorSoftmax implements Softmax {
    private final Slices<Softmax> slices;

    VectorSoftmax(WorkerPool workers, Supplier<Softmax> reference) {
        slices = new Slices<>(workers, Softmax.class, reference);
    }

    @Override
    public void softmax(Operand x, Operand y) {
        if (x.shape().rank() < 2) {
            slices.whole().softmax(x, y);
            return;
        }
        slices.forEach((reference, parts) -> reference.softmax(parts[0], parts[1]), x, y);
    }

    @Override
    public void logSoftmax(Operand x, Operand y) {
        if (x.shape().rank() < 2) {
            slices.whole().logSoftmax(x, y);
            return;
        }
        slices.forEach((reference, parts) -> reference.logSoftmax(parts[0], parts[1]), x, y);
    }
}
