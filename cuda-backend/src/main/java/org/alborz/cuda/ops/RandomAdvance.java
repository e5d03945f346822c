package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
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

    /**
     * Sets it for the work that follows on the stream, and writes numbers that this reads; in one launch where they are few.
     *
     * @param numbers float64 memory of the numbers, or null where there are none
     */
    public void set(long next, Operand numbers, double... values) {
        if (next == value && values.length == 0) {
            return;
        }
        for (int first = 0; first == 0 || first < values.length; first += ReplayNumbers.MOST) {
            context.kernels().setReplay(this, next, numbers, new ReplayNumbers(values, first));
            context.runOnce();
        }
        value = next;
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
