package org.alborz.cuda.ops;

import org.alborz.cuda.driver.DeviceMemory;

/** Counts in device memory of a kernel's blocks that have finished, by which the last one of each tile is known; 0 between kernels. */
final class FinishedBlocks implements AutoCloseable {
    /** Those of {@code last_block.cuh}. */
    static final int COUNTS = 1024;

    private final DeviceMemory place = new DeviceMemory(COUNTS * Integer.BYTES);

    FinishedBlocks(LaunchContext context) {
        context.stream().fillWords(place.address(), 0, COUNTS);
    }

    long address() {
        return place.address().value();
    }

    @Override
    public void close() {
        place.close();
    }
}
