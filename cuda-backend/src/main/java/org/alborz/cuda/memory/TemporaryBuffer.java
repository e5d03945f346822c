package org.alborz.cuda.memory;

/**
 * Memory borrowed from the pool while some work is put on the stream; work that comes later may have it at once.
 *
 * @param buffer what was borrowed
 */
public record TemporaryBuffer(DevicePool pool, CudaBuffer buffer) implements AutoCloseable {
    /** Returns where it begins. */
    public long address() {
        return buffer.at(0);
    }

    @Override
    public void close() {
        pool.free(buffer);
    }
}
