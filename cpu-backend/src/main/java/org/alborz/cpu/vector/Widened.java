package org.alborz.cpu.vector;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.MemoryPool;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** A float32 copy of an operand of 16 bits, or memory for a result that is rounded to 16 bits. */
final class Widened implements Operand, AutoCloseable {
    private final MemoryPool pool;
    private final CpuBuffer buffer;
    private final Layout layout;

    private Widened(MemoryPool pool, Operand like) {
        this.pool = pool;
        this.layout = like.layout().isDense() ? like.layout().compact() : Layout.rowMajor(like.shape());
        this.buffer = pool.allocate(DType.FLOAT32, layout.shape().elements());
    }

    static boolean isFor(Operand operand) {
        return operand.dtype().bytes() == Short.BYTES;
    }

    /** Returns memory for a result that is to be rounded by {@link #roundTo}. */
    static Widened result(MemoryPool pool, Operand like) {
        return new Widened(pool, like);
    }

    /** Returns a copy, or null for null. */
    static Widened of(MemoryPool pool, Elementwise elementwise, Operand operand) {
        if (operand == null) {
            return null;
        }
        Widened wide = new Widened(pool, operand);
        elementwise.copy(operand, wide);
        return wide;
    }

    /** Stores the result, each number rounded once. */
    void roundTo(Elementwise elementwise, Operand result) {
        elementwise.copy(this, result);
    }

    @Override
    public CpuBuffer buffer() {
        return buffer;
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public void close() {
        pool.free(buffer);
    }
}
