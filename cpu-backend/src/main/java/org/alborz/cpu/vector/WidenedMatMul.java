package org.alborz.cpu.vector;

import org.alborz.backend.Elementwise;
import org.alborz.backend.MatMul;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.MemoryPool;
import org.alborz.type.Activation;

/** Matrix products of 16 bits, computed in float32 and rounded once. */
final class WidenedMatMul implements MatMul {
    private final MemoryPool pool;
    private final MatMul wide;
    private final Elementwise elementwise;

    WidenedMatMul(MemoryPool pool, Elementwise elementwise, MatMul wide) {
        this.pool = pool;
        this.elementwise = elementwise;
        this.wide = wide;
    }

    @Override
    public void multiply(Operand a, Operand b, Operand bias, Activation activation, Operand y) {
        if (!Widened.isFor(y)) {
            wide.multiply(a, b, bias, activation, y);
            return;
        }
        try (Widened left = Widened.of(pool, elementwise, a);
                Widened right = Widened.of(pool, elementwise, b);
                Widened shift = Widened.of(pool, elementwise, bias);
                Widened result = Widened.result(pool, y)) {
            wide.multiply(left, right, shift, activation, result);
            result.roundTo(elementwise, y);
        }
    }
}
