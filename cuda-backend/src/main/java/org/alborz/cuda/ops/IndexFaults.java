package org.alborz.cuda.ops;

import org.alborz.cuda.driver.PinnedMemory;

/** Where kernels report an index outside of its axis; it is read when the host waits for the device. */
final class IndexFaults implements AutoCloseable {
    private static final int RAISED = 0;
    private static final int INDEX = 4;
    private static final int SIZE = 8;
    private static final int POSITION = 12;
    private static final int BYTES = 16;

    private final PinnedMemory memory = new PinnedMemory(BYTES);

    IndexFaults() {
        memory.bytes().putInt(RAISED, 0);
    }

    long address() {
        return memory.address();
    }

    /** Throws what a kernel has reported, once. */
    void throwRaised() {
        if (memory.bytes().getInt(RAISED) != 0) {
            int index = memory.bytes().getInt(INDEX);
            int size = memory.bytes().getInt(SIZE);
            int position = memory.bytes().getInt(POSITION);
            memory.bytes().putInt(RAISED, 0);
            throw new IndexOutOfBoundsException(
                    "An index is outside of its axis: expected 0 to " + (size - 1) + ", got " + index + " at position "
                            + position
                            + ". It was met on the device by a gather, scatter, takeAlongAxis, oneHot, cross-entropy or ctc since the last wait.");
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
