package org.alborz.cuda.ops;

import org.alborz.cuda.driver.DeviceMemory;
import org.alborz.random.RandomKey;

/**
 * A number in device memory that every random kernel adds to its counter, for replays of captured work, whose kernels have the counters of the
 * step that was captured. It stays until the next replay; what runs meanwhile has {@link #counter} take it off again.
 */
public final class RandomAdvance implements AutoCloseable {
    private final LaunchContext context;
    private final DeviceMemory place;
    private long value;

    /** Makes it with the number 0. */
    RandomAdvance(LaunchContext context) {
        this.context = context;
        this.place = new DeviceMemory(Long.BYTES);
        context.stream().fillWords(place.address(), 0, Long.BYTES / Integer.BYTES);
    }

    /** Sets it for the work that follows on the stream. */
    public void set(long next) {
        if (next != value) {
            context.kernels().setU64(this, next);
            context.runOnce();
            value = next;
        }
    }

    /** Returns the counter that a kernel is given, so that with this number it has that of the key; while work is captured the number is 0. */
    long counter(RandomKey key) {
        return key.counter() - value;
    }

    long address() {
        return place.address().value();
    }

    @Override
    public void close() {
        place.close();
    }
}
