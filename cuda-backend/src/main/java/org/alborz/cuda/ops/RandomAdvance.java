package org.alborz.cuda.ops;

import org.alborz.cuda.driver.DeviceMemory;

/**
 * A number in device memory that every random kernel adds to its counter: 0, but for replays of captured work, whose kernels have the
 * counters of the step that was captured.
 */
public final class RandomAdvance implements AutoCloseable {
    private final LaunchContext context;
    private final DeviceMemory place;

    /** Makes it; the number is to be {@link #set}. */
    RandomAdvance(LaunchContext context) {
        this.context = context;
        this.place = new DeviceMemory(Long.BYTES);
    }

    /** Sets it for the work that follows on the stream. */
    public void set(long value) {
        context.kernels().setU64(this, value);
        context.runOnce();
    }

    long address() {
        return place.address().value();
    }

    @Override
    public void close() {
        place.close();
    }
}
