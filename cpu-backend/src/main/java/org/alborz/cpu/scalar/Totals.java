package org.alborz.cpu.scalar;

import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.Layout;

/** Sums that were gathered in doubles, on their way to a tensor. */
final class Totals {
    private Totals() {}

    /**
     * Rounds the totals into {@code y}.
     *
     * @param layout of the totals, shaped as {@code y}
     * @param iterator used for copying
     * @param block room for {@link StridedIterator#BLOCK} elements
     */
    static void store(double[] totals, Layout layout, Operand y, StridedIterator iterator, double[] block) {
        CpuBuffer into = CpuBuffer.of(y);
        iterator.start(layout, y.layout());
        while (iterator.next()) {
            int at = iterator.at(0);
            for (int i = 0; i < iterator.length(); i++, at += iterator.step(0)) {
                block[i] = totals[at];
            }
            iterator.write(1, into, block);
        }
    }
}
