package org.alborz.cpu.vector;

import org.alborz.backend.Convolution;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.MemoryPool;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;

/** Convolutions of 16 bits, computed in float32 and rounded once. */
final class WidenedConvolution implements Convolution {
    private final MemoryPool pool;
    private final Convolution wide;
    private final Elementwise elementwise;

    WidenedConvolution(MemoryPool pool, Elementwise elementwise, Convolution wide) {
        this.pool = pool;
        this.elementwise = elementwise;
        this.wide = wide;
    }

    @Override
    public void forward(
            Conv2dParameters p, Operand x, Operand w, Operand bias, Operand addend, Activation activation, Operand y) {
        if (!Widened.isFor(x)) {
            wide.forward(p, x, w, bias, addend, activation, y);
            return;
        }
        try (Widened input = Widened.of(pool, elementwise, x);
                Widened filter = Widened.of(pool, elementwise, w);
                Widened shift = Widened.of(pool, elementwise, bias);
                Widened sum = Widened.of(pool, elementwise, addend);
                Widened result = Widened.result(pool, y)) {
            wide.forward(p, input, filter, shift, sum, activation, result);
            result.roundTo(elementwise, y);
        }
    }

    @Override
    public void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        if (!Widened.isFor(dy)) {
            wide.backwardData(p, dy, w, dx);
            return;
        }
        try (Widened gradient = Widened.of(pool, elementwise, dy);
                Widened filter = Widened.of(pool, elementwise, w);
                Widened result = Widened.result(pool, dx)) {
            wide.backwardData(p, gradient, filter, result);
            result.roundTo(elementwise, dx);
        }
    }

    @Override
    public void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        if (!Widened.isFor(x)) {
            wide.backwardFilter(p, x, dy, dw);
            return;
        }
        try (Widened input = Widened.of(pool, elementwise, x);
                Widened gradient = Widened.of(pool, elementwise, dy);
                Widened result = Widened.result(pool, dw)) {
            wide.backwardFilter(p, input, gradient, result);
            result.roundTo(elementwise, dw);
        }
    }
}
