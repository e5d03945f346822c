package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.cpu.memory.StridedAxes;
import org.junit.jupiter.api.Test;

final class WorkspaceTest {
    /** Bytes that no two processors are to write at the same time: two lines of the cache. */
    private static final int LINES = 128;

    /** Else rows of 1,024 numbers take up to twice as long on two threads, where the collector has placed the arrays side by side. */
    @Test
    void whatIsWrittenForEachRowIsFollowedByRoom() {
        Workspace workspace = new Workspace();
        int used = Math.max(Workspace.BLOCKS, StridedAxes.MOST_OPERANDS);
        assertThat((workspace.at().length - used) * Integer.BYTES).isGreaterThanOrEqualTo(LINES);
        assertThat((workspace.places().length - used) * Integer.BYTES).isGreaterThanOrEqualTo(LINES);
        assertThat((workspace.spans().length - used) * Integer.BYTES).isGreaterThanOrEqualTo(LINES);
    }
}
