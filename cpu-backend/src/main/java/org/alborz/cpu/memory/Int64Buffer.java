package org.alborz.cpu.memory;

import java.util.Arrays;
import org.alborz.type.DType;

/** Elements of type int64. */
public final class Int64Buffer extends CpuBuffer {
    private final long[] array;

    Int64Buffer(MemoryPool owner, int bucket, int capacity) {
        super(owner, bucket);
        this.array = new long[capacity];
    }

    /** Returns the memory itself; it may be longer than {@link #elements()}. */
    public long[] array() {
        return array;
    }

    @Override
    public DType dtype() {
        return DType.INT64;
    }

    @Override
    public double get(int index) {
        return array[index];
    }

    @Override
    public void set(int index, double value) {
        array[index] = (long) value;
    }

    @Override
    public long getLong(int index) {
        return array[index];
    }

    @Override
    public void setLong(int index, long value) {
        array[index] = value;
    }

    @Override
    public void read(int at, int step, int count, double[] into, int intoAt) {
        for (int i = 0; i < count; i++) {
            into[intoAt + i] = get(at + i * step);
        }
    }

    @Override
    public void write(int at, int step, int count, double[] from, int fromAt) {
        for (int i = 0; i < count; i++) {
            set(at + i * step, from[fromAt + i]);
        }
    }

    @Override
    public void fill(int from, int to, double value) {
        Arrays.fill(array, from, to, (long) value);
    }

    @Override
    public int capacity() {
        return array.length;
    }

    @Override
    void poison() {
        Arrays.fill(array, Long.MIN_VALUE);
    }
}
