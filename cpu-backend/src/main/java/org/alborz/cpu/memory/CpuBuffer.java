package org.alborz.cpu.memory;

import org.alborz.backend.Buffer;
import org.alborz.backend.Operand;

/**
 * A Java array in the service of a tensor.
 *
 * <p>The array may be longer than {@link #elements()}; elements beyond them are undefined. The object and its array are recycled by the
 * {@link MemoryPool} that made them, so a buffer must not be used after it was freed.
 */
public abstract sealed class CpuBuffer implements Buffer
        permits Float16Buffer, Float32Buffer, Float64Buffer, Int32Buffer, Int64Buffer, Uint8Buffer, BoolBuffer {
    final MemoryPool owner;
    final int bucket;

    private long elements;
    private boolean inUse;

    CpuBuffer(MemoryPool owner, int bucket) {
        this.owner = owner;
        this.bucket = bucket;
    }

    /**
     * Returns the buffer of an operand.
     *
     * @throws IllegalArgumentException when it belongs to another kind of backend
     */
    public static CpuBuffer of(Operand operand) {
        return of(operand.buffer());
    }

    static CpuBuffer of(Buffer buffer) {
        if (buffer instanceof CpuBuffer cpu) {
            return cpu;
        }
        throw new IllegalArgumentException("A CPU backend expects memory of its own, got "
                + (buffer == null ? "null" : buffer.getClass().getSimpleName() + " of another backend")
                + ". Copy the tensor to this backend first.");
    }

    /** Returns an element as a double, true as 1; an int64 is rounded. */
    public abstract double get(int index);

    /** Sets an element to a number that is converted to this buffer's type, as {@link org.alborz.type.DType} says. */
    public abstract void set(int index, double value);

    /** Returns an element of an integer or bool buffer, true as 1. */
    public long getLong(int index) {
        return (long) get(index);
    }

    /** Sets an element to a whole number that is converted to this buffer's type, rounded once. */
    public void setLong(int index, long value) {
        set(index, value);
    }

    /** Reads {@code count} elements, {@code step} apart from {@code at} on, into a row of doubles. */
    public abstract void read(int at, int step, int count, double[] into, int intoAt);

    /** Writes a row of doubles to {@code count} elements, {@code step} apart from {@code at} on, each rounded as by {@link #set}. */
    public abstract void write(int at, int step, int count, double[] from, int fromAt);

    /** Sets the elements from {@code from} to {@code to}, exclusive. */
    public abstract void fill(int from, int to, double value);

    /** Returns the length of the array. */
    public abstract int capacity();

    /** Overwrites the whole array with what no computation should read: NaN, or the type's smallest or largest integer. */
    abstract void poison();

    @Override
    public final long elements() {
        return elements;
    }

    final long bytes() {
        return (long) capacity() * dtype().bytes();
    }

    final boolean inUse() {
        return inUse;
    }

    final void handOut(long askedFor) {
        elements = askedFor;
        inUse = true;
    }

    final void takeBack() {
        inUse = false;
    }

    @Override
    public final String toString() {
        return dtype() + " buffer of " + elements + " elements" + (inUse ? "" : ", freed");
    }
}
