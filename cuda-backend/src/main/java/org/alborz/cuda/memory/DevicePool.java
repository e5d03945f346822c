package org.alborz.cuda.memory;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.MemoryStatistics;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.cuda.driver.Driver;
import org.alborz.cuda.driver.Stream;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Device memory that is kept for reuse. All work is on one stream, so a block may be handed out again as soon as it was given back:
 * whoever writes to it comes later on the stream than all who read from it.
 */
public final class DevicePool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DevicePool.class);
    private static final int NAN_BITS = -1;

    private final Stream stream;
    private final boolean poison;
    private final CudaBuffer inUse = new CudaBuffer(null, 0);
    private final Arena common = new Arena();
    private final List<Arena> reserves = new ArrayList<>();
    private Arena current = common;

    /** Blocks of work that the stream keeps back. */
    private List<CudaBuffer> keptBack = List.of();

    /** Blocks that such work reads, and those of them that were freed meanwhile. */
    private List<CudaBuffer> readByKeptBack = List.of();

    private final List<CudaBuffer> postponed = new ArrayList<>();

    private long used;
    private long retained;
    private long peak;
    private long buffers;

    /**
     * Makes an empty pool.
     *
     * @param poison fill memory with NaN when it is handed out and when it is returned
     */
    public DevicePool(Stream stream, boolean poison) {
        this.stream = stream;
        this.poison = poison;
        inUse.previous = inUse;
        inUse.next = inUse;
    }

    /**
     * Hands out a block for some elements; their content is undefined.
     *
     * @throws IllegalArgumentException for more bytes than a long counts
     * @throws DeviceMemoryException when the device has no more, even after work that was kept back has run and the pool has given back what it kept
     */
    public CudaBuffer allocate(DType dtype, long elements) {
        if (elements < 0 || elements > Arena.MOST_BYTES / dtype.bytes()) {
            throw new IllegalArgumentException("A CUDA tensor expects 0 to " + Arena.MOST_BYTES / dtype.bytes()
                    + " elements of " + dtype + ", got " + elements + ". Use a smaller batch.");
        }
        long rounded = Arena.rounded(elements * dtype.bytes());
        CudaBuffer buffer = current.take(rounded);
        if (buffer == null && current != common) {
            buffer = common.take(rounded);
        }
        if (buffer == null) {
            buffer = create(dtype, elements, rounded);
        }
        buffer.moveTo(current);
        buffer.handOut(dtype, elements);
        link(buffer);
        poison(buffer);
        return buffer;
    }

    private CudaBuffer create(DType dtype, long elements, long rounded) {
        stream.context().makeCurrent();
        DeviceAddress address = new DeviceAddress();
        int status = cuMemAlloc(address, rounded);
        if (status == Driver.OUT_OF_MEMORY && current == common) {
            stream.settle(); // work that is kept back gives blocks back
            CudaBuffer freed = common.take(rounded);
            if (freed != null) {
                return freed;
            }
            long kept = common.bytes();
            if (kept > 0) {
                releaseCache();
                log.debug("Device memory was short: gave {} bytes back that were kept for reuse.", kept);
                status = cuMemAlloc(address, rounded);
            }
        }
        if (status == Driver.OUT_OF_MEMORY) {
            throw DeviceMemoryException.of(dtype, elements, this, inUse);
        }
        Driver.check(status, "cuMemAlloc of " + rounded + " bytes");
        return new CudaBuffer(address, rounded);
    }

    /** Hands out a block that goes back when it is closed. */
    public TemporaryBuffer borrow(DType dtype, long elements) {
        return new TemporaryBuffer(this, allocate(dtype, elements));
    }

    /**
     * Settles the stream before one of these blocks is taken back, in place of those of an earlier call: work that is kept back reads or writes them, and
     * borrows memory when it is run.
     */
    public void settleBeforeFree(CudaBuffer... blocks) {
        keptBack = List.of(blocks);
    }

    /**
     * Has these blocks go on counting as used where they are freed before {@link #freePostponed}: work that is kept back reads them, and borrows
     * memory when it is run.
     */
    public void postponeFree(CudaBuffer... blocks) {
        readByKeptBack = List.of(blocks);
    }

    /** Takes those blocks back that were freed meanwhile, now that the work is on the stream or is not done. */
    public void freePostponed() {
        readByKeptBack = List.of();
        List<CudaBuffer> freed = List.copyOf(postponed);
        postponed.clear();
        freed.forEach(this::free);
    }

    /** Takes a block back, also where work that was kept back for it fails. */
    public void free(CudaBuffer buffer) {
        if (!readByKeptBack.isEmpty() && readByKeptBack.contains(buffer)) {
            postponed.add(buffer);
            return;
        }
        try {
            if (!keptBack.isEmpty() && keptBack.contains(buffer)) {
                stream.settle();
            }
            poison(buffer);
        } finally {
            takeBack(buffer);
        }
    }

    private void takeBack(CudaBuffer buffer) {
        unlink(buffer);
        // What captured work reads must stay as it is for as long as the captured graph lives, whoever owned it before.
        Arena arena = buffer.home() == common ? current : buffer.home();
        buffer.moveTo(arena);
        arena.put(buffer);
    }

    /** Takes a block back for an owner who hands it out again; it counts as kept for reuse until then. */
    void retain(CudaBuffer buffer) {
        poison(buffer);
        unlink(buffer);
        retained += buffer.bytes();
    }

    /** Says that a block which was {@linkplain #retain retained} is handed out, for some elements. */
    void handOut(CudaBuffer buffer, DType dtype, long elements) {
        retained -= buffer.bytes();
        buffer.handOut(dtype, elements);
        link(buffer);
    }

    private void poison(CudaBuffer buffer) {
        if (poison) {
            stream.fillWords(buffer.address(), NAN_BITS, buffer.bytes() / Integer.BYTES);
        }
    }

    private void link(CudaBuffer buffer) {
        buffer.previous = inUse;
        buffer.next = inUse.next;
        inUse.next.previous = buffer;
        inUse.next = buffer;
        used += buffer.bytes();
        buffers++;
        peak = Math.max(peak, used);
    }

    private void unlink(CudaBuffer buffer) {
        buffer.previous.next = buffer.next;
        buffer.next.previous = buffer.previous;
        buffer.previous = null;
        buffer.next = null;
        used -= buffer.bytes();
        buffers--;
    }

    /** From now on, blocks are taken from and given back to a reserve of their own, until {@link #endReserve}. */
    public Reserve beginReserve() {
        current = new Arena();
        reserves.add(current);
        return new Reserve(this, current);
    }

    /** Ends what {@link #beginReserve} began; the reserve keeps its blocks. */
    public void endReserve() {
        current = common;
    }

    /** Puts the free blocks of a reserve among the common ones; those still in use follow when they are freed. */
    void dissolve(Arena arena) {
        reserves.remove(arena);
        for (CudaBuffer buffer : arena.drain()) {
            buffer.moveTo(common);
            common.put(buffer);
        }
        for (CudaBuffer buffer = inUse.next; buffer != inUse; buffer = buffer.next) {
            if (buffer.home() == arena) {
                buffer.moveTo(common);
            }
        }
    }

    /** Gives the memory that is kept for reuse back to the device, after waiting for the work that may use it. */
    public void releaseCache() {
        if (common.bytes() > 0) {
            stream.synchronize();
            release(common.drain());
        }
    }

    /** Frees all of them, also where some cannot be freed, and then throws the first failure. */
    private static void release(List<CudaBuffer> blocks) {
        int failure = 0;
        for (CudaBuffer block : blocks) {
            int status = cuMemFree(block.address());
            failure = failure == 0 ? status : failure;
        }
        Driver.check(failure, "cuMemFree");
    }

    public MemoryStatistics statistics() {
        long reserved = reserves.stream().mapToLong(Arena::bytes).sum();
        return new MemoryStatistics(used, common.bytes() + reserved + retained, peak, buffers);
    }

    /** Returns the bytes that can still be handed out: those free on the device, and those kept for reuse. */
    public long free() {
        stream.context().makeCurrent();
        return freeOnDevice() + common.bytes();
    }

    /** Returns the bytes that are free on the device, other programs counted. */
    long freeOnDevice() {
        long[] free = {0};
        long[] total = {0};
        Driver.check(cuMemGetInfo(free, total), "cuMemGetInfo");
        return free[0];
    }

    /** Gives everything back, what is still in use as well. */
    @Override
    public void close() {
        stream.context().makeCurrentToClose();
        while (inUse.next != inUse) {
            CudaBuffer buffer = inUse.next;
            unlink(buffer);
            common.put(buffer);
        }
        List.copyOf(reserves).forEach(this::dissolve);
        release(common.drain());
    }
}
