package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Operand;

/** Where a row-major float32 operand is; looked up by the caller, since other threads may not ask an operand. */
record FloatMemory(float[] array, int at) {
    /** Returns an operand's memory, or null of null. */
    static FloatMemory of(Operand operand) {
        return operand == null ? null : new FloatMemory(Floats.of(operand), Floats.at(operand));
    }

    /** Copies numbers from here into an array. */
    void read(int from, float[] to, int toAt, int count) {
        System.arraycopy(array, at + from, to, toAt, count);
    }

    /** Copies numbers of an array to here. */
    void write(float[] from, int fromAt, int to, int count) {
        System.arraycopy(from, fromAt, array, at + to, count);
    }

    /** Writes zeros. */
    void clear(int from, int count) {
        Arrays.fill(array, at + from, at + from + count, 0);
    }
}
