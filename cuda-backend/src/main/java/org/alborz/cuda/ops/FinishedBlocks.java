package org.alborz.cuda.ops;

import org.alborz.cuda.driver.DeviceMemory;

/** A count in device memory of a kernel's blocks that have finished, by which the last one is known; 0 between kernels. */
final class FinishedBlocks implements AutoCloseable {
    private final DeviceMemory place = new DeviceMemory(Integer.BYTES);

    FinishedBlocks(LaunchContext context) {
        context.stream().fillWords(place.address(), 0, 1);
    }

    long address() {
        return place.address().value();
    }

    @Override
    public void close() {
        place.close();
    }
}
