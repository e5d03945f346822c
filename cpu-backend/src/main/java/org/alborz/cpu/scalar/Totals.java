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
     * @param walk used for the way
     * @param block room for {@link Strided#BLOCK} elements
     */
    static void store(double[] totals, Layout layout, Operand y, Strided walk, double[] block) {
        CpuBuffer into = CpuBuffer.of(y);
        walk.start(layout, y.layout());
        while (walk.next()) {
            int at = walk.at(0);
            for (int i = 0; i < walk.length(); i++, at += walk.step(0)) {
                block[i] = totals[at];
            }
            walk.write(1, into, block);
        }
    }
}
