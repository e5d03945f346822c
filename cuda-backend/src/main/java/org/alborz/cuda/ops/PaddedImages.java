package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Layout;

/** Images with their padding, channels-last in borrowed memory. */
record PaddedImages(TemporaryBuffer memory, Layout layout) implements Operand, AutoCloseable {
    @Override
    public CudaBuffer buffer() {
        return memory.buffer();
    }

    @Override
    public void close() {
        memory.close();
    }
}
