package org.alborz.cuda.ops;

import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.cuda.memory.DevicePool;

/** Memory that an operation takes for its own use; it goes back to the pool also where the operation fails. */
record Scratch(DevicePool pool, CudaBuffer buffer) implements AutoCloseable {
    long address() {
        return buffer.at(0);
    }

    /** Gives it back: what is queued already still finds it, since whoever gets it next comes later on the stream. */
    @Override
    public void close() {
        pool.free(buffer);
    }
}
