package org.alborz.cuda.memory;

import org.alborz.backend.Operand;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Memory borrowed from the pool while some work is put on the stream; work that comes later may have it at once.
 *
 * @param buffer what was borrowed
 */
public record TemporaryBuffer(DevicePool pool, CudaBuffer buffer) implements Operand, AutoCloseable {
    /** Returns the layout of all elements in one row. */
    @Override
    public Layout layout() {
        return Layout.rowMajor(Shape.of(Math.toIntExact(buffer.elements())));
    }

    /** Returns where it begins. */
    public long address() {
        return buffer.at(0);
    }

    @Override
    public void close() {
        pool.free(buffer);
    }
}
