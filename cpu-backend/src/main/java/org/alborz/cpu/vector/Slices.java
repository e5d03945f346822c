package org.alborz.cpu.vector;

import java.lang.reflect.Array;
import java.util.function.Supplier;
import org.alborz.backend.Buffer;
import org.alborz.backend.Operand;
import org.alborz.type.Layout;

/**
 * Runs what the reference computes for each element of the first axis by itself, such as the images of a batch, on all threads: each has
 * an instance of the reference's family, and takes slices of the operands. So the bits are the reference's.
 */
final class Slices<F> {
    private final WorkerPool workers;
    private final F[] families;

    /** Does some of the elements of the first axis; gets the operands' parts. */
    interface Work<F> {
        void run(F family, Operand[] parts);
    }

    /** Like a tensor, but any thread may ask it. */
    record Slice(Buffer buffer, Layout layout) implements Operand {}

    /**
     * Makes an instance of the family for each thread.
     *
     * @param type what the instances are
     */
    @SuppressWarnings("unchecked") // an array of the family's type
    Slices(WorkerPool workers, Class<F> type, Supplier<F> family) {
        this.workers = workers;
        families = (F[]) Array.newInstance(type, workers.threads());
        for (int i = 0; i < families.length; i++) {
            families[i] = family.get();
        }
    }

    /** Returns the instance of a worker. */
    F of(int worker) {
        return families[worker];
    }

    /** Returns an instance for what cannot be cut. */
    F whole() {
        return families[0];
    }

    /**
     * Cuts operands of the same first axis into parts that are worth a task.
     *
     * @param operands the largest first; null for one left out
     */
    void forEach(Work<F> work, Operand... operands) {
        int size = operands[0].shape().size(0);
        long elements = Math.max(1, operands[0].shape().elements());
        int perTask = (int) Math.max(1, Math.min(size, ParallelStridedIterator.TASK_ELEMENTS * (long) size / elements));
        Operand[] wholes = new Operand[operands.length];
        for (int i = 0; i < wholes.length; i++) {
            wholes[i] = shared(operands[i]);
        }
        workers.run(Gemm.ceilDiv(size, perTask), (task, worker) -> {
            int first = task * perTask;
            Operand[] parts = new Operand[wholes.length];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = part(wholes[i], first, Math.min(perTask, size - first));
            }
            work.run(families[worker], parts);
        });
    }

    /** Returns an operand that all threads may ask, or null for null. */
    static Operand shared(Operand operand) {
        return operand == null ? null : new Slice(operand.buffer(), operand.layout());
    }

    private static Operand part(Operand operand, int first, int count) {
        return operand == null
                ? null
                : new Slice(operand.buffer(), operand.layout().narrow(0, first, count, 1));
    }
}
