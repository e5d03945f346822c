package org.alborz.cpu.memory;

import java.util.Arrays;
import org.alborz.backend.Operand;
import org.alborz.type.DType;

/** Elements of type bool. */
public final class BoolBuffer extends CpuBuffer {
    private final boolean[] array;

    BoolBuffer(MemoryPool owner, int bucket, int capacity) {
        super(owner, bucket);
        this.array = new boolean[capacity];
    }

    /** Returns the memory of a bool operand. */
    public static boolean[] arrayOf(Operand operand) {
        if (CpuBuffer.of(operand) instanceof BoolBuffer bools) {
            return bools.array;
        }
        throw new IllegalArgumentException("A mask is a bool operand, got " + operand.dtype());
    }

    /** Returns the memory itself; it may be longer than {@link #elements()}. */
    public boolean[] array() {
        return array;
    }

    @Override
    public DType dtype() {
        return DType.BOOL;
    }

    @Override
    public double get(int index) {
        return array[index] ? 1 : 0;
    }

    @Override
    public void set(int index, double value) {
        array[index] = value != 0;
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
        Arrays.fill(array, from, to, value != 0);
    }

    @Override
    public int capacity() {
        return array.length;
    }

    @Override
    void poison() {
        Arrays.fill(array, true);
    }
}
