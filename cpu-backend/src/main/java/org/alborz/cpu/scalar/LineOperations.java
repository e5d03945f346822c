package org.alborz.cpu.scalar;

import java.util.Arrays;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.type.DType;

/** Operations along the lines of one axis, each line by itself; of some lines, so that threads can share them. */
public final class LineOperations {
    private LineOperations() {}

    /** Computes {@code y[i] = x[indices[i]]} in the lines from one number to before another. */
    public static void take(int axis, Operand x, Operand indices, Operand y, long from, long to) {
        Lines lines = new Lines(axis, x.layout(), indices.layout(), y.layout());
        CpuBuffer source = CpuBuffer.of(x);
        CpuBuffer target = CpuBuffer.of(y);
        int[] places = ((Int32Buffer) CpuBuffer.of(indices)).array();
        boolean whole = !x.dtype().isFloating();
        for (long line = from; line < to; line++) {
            int xAt = lines.at(0, line);
            int indexAt = lines.at(1, line);
            int yAt = lines.at(2, line);
            for (int i = 0; i < lines.length(1); i++) {
                int place = places[indexAt + i * lines.step(1)];
                check("takeAlongAxis", place, lines.length(0), indexAt + i * lines.step(1));
                move(whole, source, xAt + place * lines.step(0), target, yAt + i * lines.step(2));
            }
        }
    }

    /** Writes {@code x[i]} to {@code y[indices[i]]}, one after the other. */
    public static void put(int axis, Operand x, Operand indices, Operand y, long from, long to) {
        Lines lines = new Lines(axis, x.layout(), indices.layout(), y.layout());
        CpuBuffer source = CpuBuffer.of(x);
        CpuBuffer target = CpuBuffer.of(y);
        int[] places = ((Int32Buffer) CpuBuffer.of(indices)).array();
        boolean whole = !x.dtype().isFloating();
        for (long line = from; line < to; line++) {
            int xAt = lines.at(0, line);
            int indexAt = lines.at(1, line);
            int yAt = lines.at(2, line);
            for (int i = 0; i < lines.length(1); i++) {
                int place = places[indexAt + i * lines.step(1)];
                check("scatterAlongAxis", place, lines.length(2), indexAt + i * lines.step(1));
                move(whole, source, xAt + i * lines.step(0), target, yAt + place * lines.step(2));
            }
        }
    }

    /**
     * Adds {@code x[i]} to {@code y[indices[i]]}, from 0 on and in the order of i.
     *
     * @param totals room for a line of {@code y}
     */
    public static void add(int axis, Operand x, Operand indices, Operand y, long from, long to, double[] totals) {
        Lines lines = new Lines(axis, x.layout(), indices.layout(), y.layout());
        CpuBuffer source = CpuBuffer.of(x);
        CpuBuffer target = CpuBuffer.of(y);
        int[] places = ((Int32Buffer) CpuBuffer.of(indices)).array();
        int size = lines.length(2);
        for (long line = from; line < to; line++) {
            int xAt = lines.at(0, line);
            int indexAt = lines.at(1, line);
            Arrays.fill(totals, 0, size, 0);
            for (int i = 0; i < lines.length(1); i++) {
                int place = places[indexAt + i * lines.step(1)];
                check("scatterAddAlongAxis", place, size, indexAt + i * lines.step(1));
                totals[place] += source.get(xAt + i * lines.step(0));
            }
            target.write(lines.at(2, line), lines.step(2), size, totals, 0);
        }
    }

    /** Finds the first of the indices in order, by a stable sort. */
    public static void argSort(int axis, boolean descending, Operand x, Operand indices, long from, long to) {
        Lines lines = new Lines(axis, x.layout(), indices.layout());
        CpuBuffer source = CpuBuffer.of(x);
        int[] target = ((Int32Buffer) CpuBuffer.of(indices)).array();
        int size = lines.length(0);
        boolean whole = !x.dtype().isFloating();
        long[] keys = new long[size];
        StableSort sort = new StableSort(size);
        for (long line = from; line < to; line++) {
            int xAt = lines.at(0, line);
            for (int i = 0; i < size; i++) {
                int at = xAt + i * lines.step(0);
                long key = whole ? source.getLong(at) : ordered(source.get(at));
                keys[i] = descending ? ~key : key;
            }
            int[] order = sort.order(keys);
            int indexAt = lines.at(1, line);
            for (int i = 0; i < lines.length(1); i++) {
                target[indexAt + i * lines.step(1)] = order[i];
            }
        }
    }

    /** Returns an integer that is in the order of numbers: −0 is 0, and NaN is above all. */
    private static long ordered(double x) {
        long bits = Double.doubleToLongBits(x + 0.0);
        return bits ^ bits >> Long.SIZE - 1 & Long.MAX_VALUE;
    }

    /** Computes {@code y[i] = a[i]·y[i − 1] + x[i]}, or the cumulative sum where there is no a. */
    public static void scan(int axis, boolean reverse, Operand a, Operand x, Operand y, long from, long to) {
        Lines lines = new Lines(axis, x.layout(), y.layout(), (a == null ? x : a).layout());
        CpuBuffer source = CpuBuffer.of(x);
        CpuBuffer target = CpuBuffer.of(y);
        CpuBuffer factors = a == null ? null : CpuBuffer.of(a);
        int size = lines.length(0);
        int last = reverse ? size - 1 : 0;
        int sign = reverse ? -1 : 1;
        for (long line = from; line < to; line++) {
            int xAt = lines.at(0, line) + last * lines.step(0);
            int yAt = lines.at(1, line) + last * lines.step(1);
            if (x.dtype() == DType.INT64) {
                long sum = 0;
                for (int i = 0; i < size; i++) {
                    sum += source.getLong(xAt + sign * i * lines.step(0));
                    target.setLong(yAt + sign * i * lines.step(1), sum);
                }
                continue;
            }
            int aAt = lines.at(2, line) + last * lines.step(2);
            double value = 0;
            for (int i = 0; i < size; i++) {
                double term = source.get(xAt + sign * i * lines.step(0));
                double carried = factors == null ? value : value * factors.get(aAt + sign * i * lines.step(2));
                value = i == 0 ? term : carried + term;
                target.set(yAt + sign * i * lines.step(1), value);
            }
        }
    }

    private static void move(boolean whole, CpuBuffer from, int at, CpuBuffer to, int target) {
        if (whole) {
            to.setLong(target, from.getLong(at));
        } else {
            to.set(target, from.get(at));
        }
    }

    private static void check(String what, int index, int size, int position) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(what + " expects indices from 0 to " + (size - 1) + ", got " + index
                    + " at position " + position + ". Check the labels or indices.");
        }
    }
}
