package org.alborz.cpu.memory;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import org.alborz.backend.Buffer;
import org.alborz.backend.MemoryStatistics;
import org.alborz.type.DType;

/**
 * Hands out buffers and takes them back for reuse, so that a training loop in its steady state allocates no Java heap.
 *
 * <p>Sizes are rounded up to one of eight buckets for each power of two, which wastes less than an eighth; each bucket of each type
 * keeps a stack of free buffers. For one thread at a time.
 */
public final class MemoryPool implements AutoCloseable {
    /** The longest array that HotSpot allocates. */
    private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;

    private final boolean poison;
    private final Map<DType, ArrayDeque<CpuBuffer>[]> free = new EnumMap<>(DType.class);

    private long used;
    private long pooled;
    private long peak;
    private long buffers;
    private boolean closed;

    /**
     * Makes an empty pool.
     *
     * @param poison overwrite memory with NaN (integers: the smallest or largest number; truth values: true) when it is handed out and when it is returned
     */
    public MemoryPool(boolean poison) {
        this.poison = poison;
    }

    /**
     * Takes a buffer of {@code elements} elements; its content is undefined.
     *
     * @throws IllegalArgumentException for a type or a size that no Java array here holds
     * @throws OutOfMemoryError when the Java heap is too small, after the pool gave up its own reserves
     */
    public CpuBuffer allocate(DType dtype, long elements) {
        if (closed) {
            throw new IllegalStateException(
                    "The backend is closed and has no memory to give. Open another one, or close this one later.");
        }
        if (elements < 0 || elements > MAX_ELEMENTS) {
            throw new IllegalArgumentException("A CPU tensor expects 0 to " + MAX_ELEMENTS + " elements, got "
                    + elements + ". Split the tensor, or use a smaller batch.");
        }
        int bucket = SizeBuckets.index(elements);
        CpuBuffer buffer = stacks(dtype)[bucket].pollLast();
        if (buffer == null) {
            buffer = create(dtype, bucket);
        } else {
            pooled -= buffer.bytes();
        }
        buffer.handOut(elements);
        used += buffer.bytes();
        peak = Math.max(peak, used);
        buffers++;
        if (poison) {
            buffer.poison();
        }
        return buffer;
    }

    /**
     * Takes a buffer back.
     *
     * @throws IllegalArgumentException when another pool made it
     * @throws IllegalStateException when it was freed already
     */
    public void free(Buffer returned) {
        CpuBuffer buffer = CpuBuffer.of(returned);
        if (buffer.owner != this) {
            throw new IllegalArgumentException(
                    "The " + buffer + " belongs to another backend. Free it with the one that allocated it.");
        }
        if (!buffer.inUse()) {
            throw new IllegalStateException("The " + buffer + " already. Free each buffer once.");
        }
        buffer.takeBack();
        if (poison) {
            buffer.poison();
        }
        used -= buffer.bytes();
        buffers--;
        if (!closed) {
            pooled += buffer.bytes();
            stacks(buffer.dtype())[buffer.bucket].addLast(buffer);
        }
    }

    /** Returns what the pool holds now. */
    public MemoryStatistics statistics() {
        return new MemoryStatistics(used, pooled, peak, buffers);
    }

    /** Drops all memory kept for reuse; what is freed later is dropped as well. */
    @Override
    public void close() {
        closed = true;
        dropReserves();
    }

    private void dropReserves() {
        free.clear();
        pooled = 0;
    }

    private CpuBuffer create(DType dtype, int bucket) {
        int capacity = (int) Math.min(SizeBuckets.capacity(bucket), MAX_ELEMENTS);
        try {
            return createNow(dtype, bucket, capacity);
        } catch (OutOfMemoryError first) {
            dropReserves();
        }
        try {
            return createNow(dtype, bucket, capacity);
        } catch (OutOfMemoryError second) {
            throw new OutOfMemoryError("The Java heap has no room for " + capacity + " elements of " + dtype + "; "
                    + used + " bytes are in use by " + buffers
                    + " tensors of this backend. Raise -Xmx, use a smaller batch, or"
                    + " close scopes earlier.");
        }
    }

    private CpuBuffer createNow(DType dtype, int bucket, int capacity) {
        return switch (dtype) {
            case FLOAT32 -> new Float32Buffer(this, bucket, capacity);
            case FLOAT64 -> new Float64Buffer(this, bucket, capacity);
            case INT32 -> new Int32Buffer(this, bucket, capacity);
            case INT64 -> new Int64Buffer(this, bucket, capacity);
            case UINT8 -> new Uint8Buffer(this, bucket, capacity);
            case BOOL -> new BoolBuffer(this, bucket, capacity);
            case FLOAT16, BFLOAT16 -> new Float16Buffer(this, bucket, capacity, dtype);
        };
    }

    private ArrayDeque<CpuBuffer>[] stacks(DType dtype) {
        return free.computeIfAbsent(dtype, MemoryPool::emptyStacks);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static ArrayDeque<CpuBuffer>[] emptyStacks(DType dtype) {
        ArrayDeque<CpuBuffer>[] stacks = new ArrayDeque[SizeBuckets.COUNT];
        for (int i = 0; i < stacks.length; i++) {
            stacks[i] = new ArrayDeque<>(2);
        }
        return stacks;
    }
}
