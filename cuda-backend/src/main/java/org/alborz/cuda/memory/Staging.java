package org.alborz.cuda.memory;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.cuda.driver.Event;
import org.alborz.cuda.driver.PinnedMemory;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;

/**
 * Carries data between Java's memory and the device's through two pinned halves: while the device still copies from one, the host
 * fills the other.
 */
public final class Staging implements AutoCloseable {
    private static final int HALF_BYTES = 4 << 20;

    private final Stream stream;
    private final Resources resources = new Resources();
    private final Half[] halves;
    private int turn;

    /**
     * Pinned memory of its own.
     *
     * @param copied the mark behind the last copy out of it
     */
    private record Half(PinnedMemory memory, Event copied) {}

    public Staging(Stream stream) {
        this.stream = stream;
        stream.context().makeCurrent();
        try {
            this.halves = new Half[] {half(), half()};
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Half half() {
        return new Half(resources.add(new PinnedMemory(HALF_BYTES)), resources.add(new Event(stream.context())));
    }

    /** Copies a buffer's remaining elements to the device; it may be changed when this returns. */
    public void upload(java.nio.Buffer source, int elementBytes, DeviceAddress to) {
        int chunk = HALF_BYTES / elementBytes;
        int count;
        for (int at = 0; at < source.remaining(); at += count) {
            count = Math.min(chunk, source.remaining() - at);
            Half half = halves[turn];
            turn ^= 1;
            half.copied.await();
            put(half.memory.bytes(), source, source.position() + at, count);
            stream.copyToDevice(to.plus((long) at * elementBytes), half.memory.at(0), (long) count * elementBytes);
            half.copied.record(stream);
        }
    }

    /** Fills a buffer from its position to its limit; waits for the work before. */
    public void download(DeviceAddress from, int elementBytes, java.nio.Buffer target) {
        int chunk = HALF_BYTES / elementBytes;
        int count;
        for (int at = 0; at < target.remaining(); at += count) {
            count = Math.min(chunk, target.remaining() - at);
            Half half = halves[turn];
            half.copied.await();
            stream.copyToHost(half.memory.at(0), from.plus((long) at * elementBytes), (long) count * elementBytes);
            stream.synchronize();
            get(half.memory.bytes(), target, target.position() + at, count);
        }
    }

    private static void put(ByteBuffer into, java.nio.Buffer source, int from, int count) {
        if (source instanceof FloatBuffer floats) {
            into.asFloatBuffer().put(0, floats, from, count);
        } else if (source instanceof IntBuffer ints) {
            into.asIntBuffer().put(0, ints, from, count);
        } else if (source instanceof DoubleBuffer doubles) {
            into.asDoubleBuffer().put(0, doubles, from, count);
        } else if (source instanceof ShortBuffer shorts) {
            into.asShortBuffer().put(0, shorts, from, count);
        } else if (source instanceof LongBuffer longs) {
            into.asLongBuffer().put(0, longs, from, count);
        } else if (source instanceof ByteBuffer bytes) {
            into.put(0, bytes, from, count);
        } else {
            throw unknown(source);
        }
    }

    private static void get(ByteBuffer from, java.nio.Buffer target, int into, int count) {
        if (target instanceof FloatBuffer floats) {
            floats.put(into, from.asFloatBuffer(), 0, count);
        } else if (target instanceof IntBuffer ints) {
            ints.put(into, from.asIntBuffer(), 0, count);
        } else if (target instanceof DoubleBuffer doubles) {
            doubles.put(into, from.asDoubleBuffer(), 0, count);
        } else if (target instanceof ShortBuffer shorts) {
            shorts.put(into, from.asShortBuffer(), 0, count);
        } else if (target instanceof LongBuffer longs) {
            longs.put(into, from.asLongBuffer(), 0, count);
        } else if (target instanceof ByteBuffer bytes) {
            bytes.put(into, from, 0, count);
        } else {
            throw unknown(target);
        }
    }

    private static IllegalArgumentException unknown(java.nio.Buffer buffer) {
        return new IllegalArgumentException(
                "A transfer expects a FloatBuffer, DoubleBuffer, IntBuffer, LongBuffer, ShortBuffer or ByteBuffer, got "
                        + buffer);
    }

    @Override
    public void close() {
        resources.close();
    }
}
