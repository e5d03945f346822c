package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;

/** How many steps of each sequence of a batch are data. */
final class SequenceLengths {
    private final int[] lengths;
    private final int at;

    /** @param lengths int32 {@code [N]}, dense, or null where all steps are data */
    SequenceLengths(Operand lengths) {
        this.lengths = lengths == null ? null : ((Int32Buffer) CpuBuffer.of(lengths)).array();
        this.at = lengths == null ? 0 : Floats.at(lengths);
    }

    boolean isData(int row, int step) {
        return lengths == null || step < lengths[at + row];
    }
}
