package org.alborz.cpu.memory;

import java.util.Arrays;
import org.alborz.type.DType;

/** Elements of type float16 or bfloat16, as their bits. */
public final class Float16Buffer extends CpuBuffer {
    private final DType dtype;
    private final Float16Format format;
    private final short[] array;

    Float16Buffer(MemoryPool owner, int bucket, int capacity, DType dtype) {
        super(owner, bucket);
        this.dtype = dtype;
        this.format = Float16Format.of(dtype);
        this.array = new short[capacity];
    }

    /** Returns the memory itself; it may be longer than {@link #elements()}. */
    public short[] array() {
        return array;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public double get(int index) {
        return format.toDouble(array[index]);
    }

    @Override
    public void set(int index, double value) {
        array[index] = format.bits(value);
    }

    @Override
    public void setLong(int index, long value) {
        // The 11 bits that a double may lack are joined into one, so that there is one rounding.
        boolean exact = Math.abs(value) < 1L << 53;
        set(index, exact ? value : value >> 12 << 12 | ((value & 0xFFF) == 0 ? 0 : 1L << 11));
    }

    @Override
    public void read(int at, int step, int count, double[] into, int intoAt) {
        for (int i = 0; i < count; i++) {
            into[intoAt + i] = format.toDouble(array[at + i * step]);
        }
    }

    @Override
    public void write(int at, int step, int count, double[] from, int fromAt) {
        for (int i = 0; i < count; i++) {
            array[at + i * step] = format.bits(from[fromAt + i]);
        }
    }

    @Override
    public void fill(int from, int to, double value) {
        Arrays.fill(array, from, to, format.bits(value));
    }

    @Override
    public int capacity() {
        return array.length;
    }

    @Override
    void poison() {
        Arrays.fill(array, format.bits(Double.NaN));
    }
}
