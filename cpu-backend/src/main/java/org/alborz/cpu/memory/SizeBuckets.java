package org.alborz.cpu.memory;

/**
 * The sizes that the pool keeps: bucket 0 holds 16 elements, and above it there are eight to each power of two, 2ᵏ·(9 … 16)/8 for
 * k from 4. A size takes the smallest bucket that holds it, so less than an eighth is wasted.
 */
final class SizeBuckets {
    /** Enough for every size an array can have. */
    static final int COUNT = 1 + 8 * (31 - 4);

    private static final int SMALLEST = 16;
    private static final int SMALLEST_LOG = 4;

    private SizeBuckets() {}

    /** Returns the bucket for a number of elements. */
    static int index(long elements) {
        if (elements <= SMALLEST) {
            return 0;
        }
        // 2^log < elements <= 2^(log + 1)
        int log = 63 - Long.numberOfLeadingZeros(elements - 1);
        long eighths = ((elements - 1) >> (log - 3)) + 1;
        return (log - SMALLEST_LOG) * 8 + (int) (eighths - 8);
    }

    /** Returns how many elements a bucket's buffers hold. */
    static long capacity(int index) {
        if (index == 0) {
            return SMALLEST;
        }
        int log = (index - 1) / 8 + SMALLEST_LOG;
        int eighths = (index - 1) % 8 + 9;
        return (long) eighths << (log - 3);
    }
}
