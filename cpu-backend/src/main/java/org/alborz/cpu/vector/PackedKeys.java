package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.cpu.scalar.Lines;

/**
 * Numbers of up to 32 bits along lines, sorted as integers of 64: above, the number, as an integer of the same order, and below, its index. No
 * two are equal, so that any sort keeps the order of equal numbers.
 */
final class PackedKeys {
    /** Where so few of the elements are asked for, they are searched instead of all being sorted. */
    private static final int FEW = 16;

    private final boolean descending;
    private final boolean isFloating;
    private final Lines lines;
    private final CpuBuffer source;
    private final int[] target;
    private final long[] keys;
    private final int count;

    PackedKeys(int axis, boolean descending, Operand x, Operand indices) {
        this.descending = descending;
        this.isFloating = x.dtype().isFloating();
        this.lines = new Lines(axis, x.layout(), indices.layout());
        this.source = CpuBuffer.of(x);
        this.target = ((Int32Buffer) CpuBuffer.of(indices)).array();
        this.count = lines.length(1);
        this.keys = new long[lines.length(0)];
    }

    /** Sorts the lines from one number to before another. */
    void sort(long from, long to) {
        int size = keys.length;
        for (long line = from; line < to; line++) {
            int at = lines.at(0, line);
            for (int i = 0; i < size; i++) {
                keys[i] = (long) key(at + i * lines.step(0)) << Integer.SIZE | i;
            }
            if (count <= size / FEW) {
                findFirst(size);
            } else {
                Arrays.sort(keys);
            }
            int into = lines.at(1, line);
            for (int i = 0; i < count; i++) {
                target[into + i * lines.step(1)] = (int) keys[i];
            }
        }
    }

    /** Returns an integer in the order of the numbers: −0 is 0, and NaN is above all. */
    private int key(int at) {
        int key;
        if (isFloating) {
            int bits = Float.floatToIntBits((float) source.get(at) + 0f);
            key = bits ^ bits >> Integer.SIZE - 1 & Integer.MAX_VALUE;
        } else {
            key = (int) source.getLong(at);
        }
        return descending ? ~key : key;
    }

    /** Brings the first keys to the front, in order: those so far are a heap with the largest on top, which a smaller one replaces. */
    private void findFirst(int size) {
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(i);
        }
        for (int i = count; i < size; i++) {
            if (keys[i] < keys[0]) {
                keys[0] = keys[i];
                sink(0);
            }
        }
        Arrays.sort(keys, 0, count);
    }

    private void sink(int from) {
        long key = keys[from];
        int at = from;
        for (int child = 2 * at + 1; child < count; child = 2 * at + 1) {
            child += child + 1 < count && keys[child + 1] > keys[child] ? 1 : 0;
            if (keys[child] <= key) {
                break;
            }
            keys[at] = keys[child];
            at = child;
        }
        keys[at] = key;
    }
}
