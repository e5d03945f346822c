package org.alborz.cpu.vector;

import org.alborz.backend.Operand;

/** Shares out the elements of dense operands of one layout, in memory order. */
final class Chunks {
    /** Elements of a task; a multiple of every vector and of the four words of a random block. */
    static final int SIZE = 1 << 14;

    private Chunks() {}

    /** What is done with some elements. */
    interface Body {
        /**
         * Does a part.
         *
         * @param from the first element, counted from the operand's own
         */
        void run(int from, int count, int member);
    }

    static void forEach(Workplace workplace, Operand operand, Body body) {
        int elements = (int) operand.shape().elements();
        workplace.run(
                Gemm.ceilDiv(elements, SIZE),
                (task, member) -> body.run(task * SIZE, Math.min(SIZE, elements - task * SIZE), member));
    }
}
