package org.alborz.cuda.memory;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/** Copies between Java's buffers and bytes in native order. */
final class HostCopies {
    private HostCopies() {}

    /** Copies some elements of a buffer, from one on, to the beginning of others' bytes. */
    static void put(ByteBuffer into, Buffer source, int from, int count) {
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

    /** Copies elements from the beginning of bytes into a buffer, from a place on. */
    static void get(ByteBuffer from, Buffer target, int into, int count) {
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

    private static IllegalArgumentException unknown(Buffer buffer) {
        return new IllegalArgumentException(
                "A transfer expects a FloatBuffer, DoubleBuffer, IntBuffer, LongBuffer, ShortBuffer or ByteBuffer, got "
                        + buffer);
    }
}
