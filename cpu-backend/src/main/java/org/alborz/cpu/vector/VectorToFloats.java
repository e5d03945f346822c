package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.cpu.memory.BoolBuffer;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.cpu.memory.Uint8Buffer;

/** Conversions to float32 of what batches bring, pixels above all, row by row and on all threads. */
final class VectorToFloats {
    private final ParallelStridedIterator iterator;

    // The call that runs now; kept here, so that a call makes no objects.
    private CpuBuffer from;
    private float[] into;
    private final ParallelStridedIterator.Part part = (at, length, worker) -> convertRow(at[0], at[1], length);

    VectorToFloats(WorkerPool workers) {
        iterator = new ParallelStridedIterator(workers);
    }

    /** Copies uint8, bool or int32 to float32, and tells whether it did: other types are not its work. */
    boolean copy(Operand x, Operand y) {
        from = CpuBuffer.of(x);
        if (!(from instanceof Uint8Buffer || from instanceof BoolBuffer || from instanceof Int32Buffer)) {
            from = null;
            return false;
        }
        into = Floats.of(y);
        iterator.start(x.layout(), y.layout());
        iterator.forEach(part);
        from = null; // they may go back to the pool
        into = null;
        return true;
    }

    private void convertRow(int at, int to, int n) {
        if (from instanceof Uint8Buffer bytes) {
            pixels(bytes.array(), at, iterator.step(0), into, to, iterator.step(1), n);
        } else if (from instanceof BoolBuffer bools) {
            truths(bools.array(), at, iterator.step(0), into, to, iterator.step(1), n);
        } else if (from instanceof Int32Buffer ints) {
            numbers(ints.array(), at, iterator.step(0), into, to, iterator.step(1), n);
        }
    }

    private static void pixels(byte[] x, int at, int dx, float[] y, int to, int dy, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i * dy] = x[at + i * dx] & 0xFF;
        }
    }

    private static void truths(boolean[] x, int at, int dx, float[] y, int to, int dy, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i * dy] = x[at + i * dx] ? 1 : 0;
        }
    }

    private static void numbers(int[] x, int at, int dx, float[] y, int to, int dy, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i * dy] = x[at + i * dx];
        }
    }
}
