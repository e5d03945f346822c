package org.alborz.cpu.memory;

import java.util.Arrays;
import org.alborz.type.DType;

/** Elements of type float64. */
public final class Float64Buffer extends CpuBuffer {
    private final double[] array;

    Float64Buffer(MemoryPool owner, int bucket, int capacity) {
        super(owner, bucket);
        this.array = new double[capacity];
    }

    /** Returns the memory itself; it may be longer than {@link #elements()}. */
    public double[] array() {
        return array;
    }

    @Override
    public DType dtype() {
        return DType.FLOAT64;
    }

    @Override
    public double get(int index) {
        return array[index];
    }

    @Override
    public void set(int index, double value) {
        array[index] = value;
    }

    @Override
    public void read(int at, int step, int count, double[] into, int intoAt) {
        if (step == 1) {
            for (int i = 0; i < count; i++) {
                into[intoAt + i] = array[at + i];
            }
        } else {
            for (int i = 0; i < count; i++) {
                into[intoAt + i] = array[at + i * step];
            }
        }
    }

    @Override
    public void write(int at, int step, int count, double[] from, int fromAt) {
        if (step == 1) {
            for (int i = 0; i < count; i++) {
                array[at + i] = from[fromAt + i];
            }
        } else {
            for (int i = 0; i < count; i++) {
                array[at + i * step] = from[fromAt + i];
            }
        }
    }

    @Override
    public void fill(int from, int to, double value) {
        Arrays.fill(array, from, to, value);
    }

    @Override
    public int capacity() {
        return array.length;
    }

    @Override
    void poison() {
        Arrays.fill(array, Double.NaN);
    }
}
