package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The largest numbers of a line or of columns, or with a sign of −1 the smallest; NaN where there is one.
 */
final class Extremes {
    private Extremes() {}

    /**
     * By the bits, as ints: the largest number is the one of the largest bits where these are positive, else, as all numbers are negative, the one
     * of the smallest bits.
     */
    static float ofLine(float sign, float[] x, int at, int n) {
        int whole = n - n % (2 * L);
        float best = x[at] * sign;
        if (whole > 0) {
            FloatVector v = FloatVector.fromArray(S, x, at);
            FloatVector w = FloatVector.fromArray(S, x, at + L);
            int flip = sign < 0 ? Integer.MIN_VALUE : 0;
            IntVector bits = v.reinterpretAsInts().lanewise(VectorOperators.XOR, flip);
            IntVector otherBits = w.reinterpretAsInts().lanewise(VectorOperators.XOR, flip);
            IntVector largest = bits.max(otherBits);
            IntVector smallest = bits.min(otherBits);
            IntVector otherLargest = largest;
            IntVector otherSmallest = smallest;
            // NaN where there is one, or infinities of both signs.
            FloatVector sum = v;
            FloatVector otherSum = w;
            for (int i = 2 * L; i < whole; i += 2 * L) {
                v = FloatVector.fromArray(S, x, at + i);
                w = FloatVector.fromArray(S, x, at + i + L);
                sum = sum.add(v);
                otherSum = otherSum.add(w);
                bits = v.reinterpretAsInts().lanewise(VectorOperators.XOR, flip);
                largest = largest.max(bits);
                smallest = smallest.min(bits);
                otherBits = w.reinterpretAsInts().lanewise(VectorOperators.XOR, flip);
                otherLargest = otherLargest.max(otherBits);
                otherSmallest = otherSmallest.min(otherBits);
            }
            sum = sum.add(otherSum);
            if (sum.compare(VectorOperators.NE, sum).anyTrue()) {
                whole = 0;
            } else {
                int most = largest.max(otherLargest).reduceLanes(VectorOperators.MAX);
                int least = smallest.min(otherSmallest).reduceLanes(VectorOperators.MIN);
                best = Float.intBitsToFloat(most < 0 ? least : most);
            }
        }
        for (int i = whole; i < n; i++) {
            best = Math.max(best, x[at + i] * sign);
        }
        return best * sign;
    }

    /** The same for a few numbers, whose bits become ints of the same order: the float's maximum takes many instructions, and a branch is guessed wrong. */
    static float ofShortLine(float sign, float[] x, int at, int n) {
        int flip = sign < 0 ? Integer.MIN_VALUE : 0;
        int best = Integer.MIN_VALUE;
        float sum = 0;
        for (int i = 0; i < n; i++) {
            float value = x[at + i];
            sum += value;
            best = Math.max(best, ordered(Float.floatToRawIntBits(value) ^ flip));
        }
        return Float.isNaN(sum) ? ofLine(sign, x, at, n) : Float.intBitsToFloat(ordered(best) ^ flip);
    }

    /** Returns an int that is in the order of the floats, −0 below 0; of that int, the bits. */
    static int ordered(int bits) {
        return bits ^ (bits >> Integer.SIZE - 1) >>> 1;
    }

    /** Computes those of the first {@code width} of columns whose rows follow each other. */
    static void ofColumns(float sign, float[] x, int at, int rows, int columns, int width, float[] result) {
        if (columns >= Columns.WIDE) {
            alongRows(sign, x, at, rows, columns, width, result);
            return;
        }
        int whole = width - width % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector best = FloatVector.fromArray(S, x, at + c).mul(sign);
            for (int r = 1; r < rows; r++) {
                best = best.max(
                        FloatVector.fromArray(S, x, at + r * columns + c).mul(sign));
            }
            best.mul(sign).intoArray(result, c);
        }
        for (int c = whole; c < width; c++) {
            float best = x[at + c] * sign;
            for (int r = 1; r < rows; r++) {
                best = Math.max(best, x[at + r * columns + c] * sign);
            }
            result[c] = best * sign;
        }
    }

    /** Reads two rows at a time, in the order of memory. */
    private static void alongRows(float sign, float[] x, int at, int rows, int columns, int width, float[] result) {
        for (int c = 0; c < width; c++) {
            result[c] = x[at + c] * sign;
        }
        int r = 1;
        for (; r < rows - 1; r += 2) {
            joinTwo(sign, x, at + r * columns, columns, width, result);
        }
        for (int c = 0; c < width; c++) {
            float last = r < rows ? x[at + r * columns + c] * sign : result[c];
            result[c] = Math.max(result[c], last) * sign;
        }
    }

    private static void joinTwo(float sign, float[] x, int at, int columns, int width, float[] result) {
        int whole = width - width % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector first = FloatVector.fromArray(S, x, at + c).mul(sign);
            FloatVector second = FloatVector.fromArray(S, x, at + columns + c).mul(sign);
            FloatVector.fromArray(S, result, c).max(first.max(second)).intoArray(result, c);
        }
        for (int c = whole; c < width; c++) {
            float both = Math.max(x[at + c] * sign, x[at + columns + c] * sign);
            result[c] = Math.max(result[c], both);
        }
    }
}
