package org.alborz.cpu.vector;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.backend.Pooling;
import org.alborz.cpu.memory.MemoryPool;
import org.alborz.type.Pool2dParameters;

/**
 * Max pooling of 16 bits in float32, where nothing is rounded: its results are elements, and so are its gradients where windows do not
 * overlap. All else, which adds up, is left to float64.
 */
final class WidenedPooling implements Pooling {
    private final MemoryPool pool;
    private final Elementwise elementwise;
    private final Pooling wide;

    WidenedPooling(MemoryPool pool, Elementwise elementwise, Pooling wide) {
        this.pool = pool;
        this.elementwise = elementwise;
        this.wide = wide;
    }

    @Override
    public void max(Pool2dParameters p, Operand x, Operand y) {
        if (!Widened.isFor(x)) {
            wide.max(p, x, y);
            return;
        }
        try (Widened input = Widened.of(pool, elementwise, x);
                Widened result = Widened.result(pool, y)) {
            wide.max(p, input, result);
            result.roundTo(elementwise, y);
        }
    }

    @Override
    public void maxBackward(Pool2dParameters p, Operand x, Operand y, Operand dy, Operand dx) {
        if (!Widened.isFor(x) || overlap(p)) {
            wide.maxBackward(p, x, y, dy, dx);
            return;
        }
        try (Widened input = Widened.of(pool, elementwise, x);
                Widened output = Widened.of(pool, elementwise, y);
                Widened slope = Widened.of(pool, elementwise, dy);
                Widened result = Widened.result(pool, dx)) {
            wide.maxBackward(p, input, output, slope, result);
            result.roundTo(elementwise, dx);
        }
    }

    private static boolean overlap(Pool2dParameters p) {
        return p.strideH() <= (long) (p.kernelH() - 1) * p.dilationH()
                || p.strideW() <= (long) (p.kernelW() - 1) * p.dilationW();
    }

    @Override
    public void average(Pool2dParameters p, Operand x, Operand y) {
        wide.average(p, x, y);
    }

    @Override
    public void averageBackward(Pool2dParameters p, Operand dy, Operand dx) {
        wide.averageBackward(p, dy, dx);
    }

    @Override
    public void maxGather(Pool2dParameters p, Operand x, Operand y, Operand source, Operand picked) {
        wide.maxGather(p, x, y, source, picked);
    }
}
