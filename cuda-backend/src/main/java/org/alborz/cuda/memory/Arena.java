package org.alborz.cuda.memory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Free blocks by size. Sizes are rounded up to an eighth of a power of two, so that at most an eighth is wasted and blocks are
 * found again by other tensors of about the same size.
 */
final class Arena {
    private static final int STEP_BITS = 3;
    private static final int SMALLEST = 512;

    /** The most bytes that can be asked for: rounded up they still fit a long. */
    static final long MOST_BYTES = Long.MAX_VALUE >> 1;

    private final List<ArrayDeque<CudaBuffer>> buckets = new ArrayList<>();
    private long bytes;

    /**
     * Returns the size of the block that a request is given.
     *
     * @throws ArithmeticException when that is beyond all numbers, as it may be above {@link #MOST_BYTES}
     */
    static long rounded(long bytes) {
        long step = Math.max(SMALLEST, Long.highestOneBit(bytes) >> STEP_BITS);
        return Math.max(SMALLEST, Math.addExact(bytes, step - 1) / step * step);
    }

    /** Returns the place of a rounded size: the power of two, and which eighth above it. */
    private static int bucket(long rounded) {
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(rounded);
        return power << STEP_BITS | (int) (rounded >> (power - STEP_BITS)) & (1 << STEP_BITS) - 1;
    }

    /** Takes a free block of the given rounded size, the one that was freed last, or returns null. */
    CudaBuffer take(long rounded) {
        int bucket = bucket(rounded);
        CudaBuffer found = bucket < buckets.size() ? buckets.get(bucket).pollFirst() : null;
        bytes -= found == null ? 0 : rounded;
        return found;
    }

    /** Gives a block back. */
    void put(CudaBuffer buffer) {
        int bucket = bucket(buffer.bytes());
        while (buckets.size() <= bucket) {
            buckets.add(new ArrayDeque<>(2));
        }
        buckets.get(bucket).addFirst(buffer);
        bytes += buffer.bytes();
    }

    /** Takes all free blocks out. */
    List<CudaBuffer> drain() {
        List<CudaBuffer> all = new ArrayList<>();
        for (ArrayDeque<CudaBuffer> bucket : buckets) {
            all.addAll(bucket);
            bucket.clear();
        }
        bytes = 0;
        return all;
    }

    /** Returns the bytes of all free blocks. */
    long bytes() {
        return bytes;
    }
}
