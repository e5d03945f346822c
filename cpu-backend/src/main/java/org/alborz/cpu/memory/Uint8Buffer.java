package org.alborz.cpu.memory;

import java.util.Arrays;
import org.alborz.type.DType;

/** Elements of type uint8, each the eight bits of a byte. */
public final class Uint8Buffer extends CpuBuffer {
    private final byte[] array;

    Uint8Buffer(MemoryPool owner, int bucket, int capacity) {
        super(owner, bucket);
        this.array = new byte[capacity];
    }

    /** Returns the memory itself; it may be longer than {@link #elements()}. */
    public byte[] array() {
        return array;
    }

    @Override
    public DType dtype() {
        return DType.UINT8;
    }

    @Override
    public double get(int index) {
        return array[index] & 0xFF;
    }

    @Override
    public void set(int index, double value) {
        array[index] = narrowed(value);
    }

    private static byte narrowed(double value) {
        return (byte) Math.max(0, Math.min(255, (int) value));
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
        Arrays.fill(array, from, to, narrowed(value));
    }

    @Override
    public int capacity() {
        return array.length;
    }

    @Override
    void poison() {
        Arrays.fill(array, (byte) -1);
    }
}
