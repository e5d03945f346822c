package org.alborz.cuda.ops;

import org.alborz.cuda.driver.DeviceMemory;

/**
 * Counts in device memory of a kernel's blocks that have finished, by which the last one of each tile is known; 0 between kernels. Behind them is
 * how often the blocks of a kernel have met, that of {@code grid.cuh}.
 */
final class FinishedBlocks implements AutoCloseable {
    /** Those of {@code last_block.cuh}. */
    static final int COUNTS = 1024;

    private static final int MEETINGS = 1;

    private final DeviceMemory place = new DeviceMemory((COUNTS + MEETINGS) * Integer.BYTES);

    FinishedBlocks(LaunchContext context) {
        context.stream().fillWords(place.address(), 0, COUNTS + MEETINGS);
    }

    long address() {
        return place.address().value();
    }

    @Override
    public void close() {
        place.close();
    }
}
