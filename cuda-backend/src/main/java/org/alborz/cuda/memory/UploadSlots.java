package org.alborz.cuda.memory;

import java.nio.Buffer;
import org.alborz.cuda.driver.Event;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.driver.WorkObserver;
import org.alborz.type.DType;

/**
 * Uploads beside the work on the device, by a stream of their own: the next batch is copied while the device computes one. They go to device memory of two slots that are used in turn, not to
 * the pool's, which is handed out again in the order of the backend's stream.
 *
 * <p>Two events keep a slot's content right. The backend's stream waits for {@code copied} before it reads the slot. The next copy into the slot waits for {@code read}, set when
 * the slot is given back, behind the work that reads it.
 *
 * <p>Each slot keeps its memory, that of the largest upload so far, until this is closed, also where the device's memory is short.
 */
public final class UploadSlots implements AutoCloseable {
    /** Smaller uploads go to the backend's stream, as waits between two streams cost time as well; the number is an estimate and was not measured. */
    public static final int FEWEST_BYTES = 64 << 10;

    private final Stream stream;
    private final Stream copies;
    private final Staging staging;
    private final DevicePool pool;
    private final Resources resources = new Resources();
    private final Slot[] slots;
    private int turn;

    private final class Slot {
        private final Event copied = resources.add(new Event(stream.context()));
        private final Event read = resources.add(new Event(stream.context()));

        /** Null before the first use. */
        private CudaBuffer memory;

        private boolean used;

        void reserve(long bytes) {
            if (memory != null && memory.bytes() >= bytes) {
                return;
            }
            CudaBuffer smaller = release();
            if (smaller != null) {
                pool.free(smaller); // first, so that a slot never holds two blocks; the new one may be made of it
            }
            memory = pool.allocate(DType.UINT8, bytes);
            pool.retain(memory);
            read.record(stream); // behind the work that used this memory when it was the pool's
        }

        /** Returns the block that this slot has kept for itself, again one that the pool has handed out; null where it has none. */
        CudaBuffer release() {
            CudaBuffer kept = used ? null : memory;
            memory = null;
            if (kept != null) {
                pool.handOut(kept, DType.UINT8, 0);
            }
            return kept;
        }
    }

    /** @param staging through whose pinned memory uploads go */
    public UploadSlots(Stream stream, Staging staging, DevicePool pool) {
        this.stream = stream;
        this.staging = staging;
        this.pool = pool;
        try {
            this.copies = resources.add(new Stream(stream.context()));
            this.slots = new Slot[] {new Slot(), new Slot()};
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Tells the observer of all copies from now on, in place of the one before; null tells nobody. */
    public void observe(WorkObserver observer) {
        copies.observe(observer);
    }

    /**
     * Copies a buffer's remaining elements into a slot, which what comes to the backend's stream next may read until the slot is {@linkplain #free given back}; the
     * buffer may be changed when this returns.
     *
     * @return null where both slots are in use
     */
    public CudaBuffer upload(DType dtype, Buffer source) {
        Slot slot = slots[turn].used ? slots[1 - turn] : slots[turn];
        if (slot.used) {
            return null;
        }
        slot.reserve((long) source.remaining() * dtype.bytes());
        copies.await(slot.read);
        try {
            staging.upload(source, dtype.bytes(), slot.memory.address(), copies);
        } catch (RuntimeException | Error e) {
            joinAfter(e, slot);
            throw e;
        }
        join(slot);
        pool.handOut(slot.memory, dtype, source.remaining());
        slot.used = true;
        turn = slot == slots[0] ? 1 : 0;
        return slot.memory;
    }

    /** What comes to the backend's stream next waits for the copies into a slot. */
    private void join(Slot slot) {
        slot.copied.record(copies);
        stream.await(slot.copied);
    }

    /** Does so for the part that was copied before an upload failed, as the slot's memory may go back to the pool. */
    private void joinAfter(Throwable failure, Slot slot) {
        try {
            join(slot);
            slot.read.record(stream);
        } catch (RuntimeException | Error e) {
            failure.addSuppressed(e);
        }
    }

    /** Tells whether a buffer is the memory of a slot. */
    public boolean has(CudaBuffer buffer) {
        return slots[0].memory == buffer || slots[1].memory == buffer;
    }

    /** Takes a slot back, or returns false where the buffer is of none. */
    public boolean free(CudaBuffer buffer) {
        for (Slot slot : slots) {
            if (slot.memory == buffer) {
                pool.retain(buffer);
                slot.used = false;
                slot.read.record(stream);
                return true;
            }
        }
        return false;
    }

    /** Waits for the copies, as those that read them may not have come; leaves the slots' memory to the pool, which is closed after this. */
    @Override
    public void close() {
        resources.add(copies::synchronize);
        try {
            for (Slot slot : slots) {
                slot.release(); // not free, which may fill the block: the stream is not waited for again
            }
        } finally {
            resources.close();
        }
    }
}
