package org.alborz.cpu.memory;

import java.util.Arrays;
import org.alborz.type.DType;

/** Elements of type float32. */
public final class Float32Buffer extends CpuBuffer {
    private final float[] array;

    Float32Buffer(MemoryPool owner, int bucket, int capacity) {
        super(owner, bucket);
        this.array = new float[capacity];
    }

    /** Returns the memory itself; it may be longer than {@link #elements()}. */
    public float[] array() {
        return array;
    }

    @Override
    public DType dtype() {
        return DType.FLOAT32;
    }

    @Override
    public double get(int index) {
        return array[index];
    }

    @Override
    public void set(int index, double value) {
        array[index] = (float) value;
    }

    @Override
    public void setLong(int index, long value) {
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
                array[at + i] = (float) from[fromAt + i];
            }
        } else {
            for (int i = 0; i < count; i++) {
                array[at + i * step] = (float) from[fromAt + i];
            }
        }
    }

    @Override
    public void fill(int from, int to, double value) {
        Arrays.fill(array, from, to, (float) value);
    }

    @Override
    public int capacity() {
        return array.length;
    }

    @Override
    void poison() {
        Arrays.fill(array, Float.NaN);
    }
}
