package org.alborz.cpu.vector;

import org.alborz.backend.Operand;

/** Shares out the elements of dense operands of one layout, in memory order. */
final class Chunks {
    /** Elements of a task; a multiple of every vector and of the four words of a random block. */
    static final int SIZE = 1 << 14;

    private Chunks() {}

    /** What is done with some elements. */
    interface Task {
        /**
         * Does a part.
         *
         * @param from the first element, counted from the operand's own
         */
        void run(int from, int count, int worker);
    }

    /** Returns how many tasks the operand is cut into. */
    static int count(Operand operand) {
        return Gemm.ceilDiv((int) operand.shape().elements(), SIZE);
    }

    /** Returns how many elements a task has. */
    static int size(Operand operand, int task) {
        return Math.min(SIZE, (int) operand.shape().elements() - task * SIZE);
    }

    static void forEach(WorkerPool workers, Operand operand, Task work) {
        workers.run(count(operand), (task, worker) -> work.run(task * SIZE, size(operand, task), worker));
    }
}
