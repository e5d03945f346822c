package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float16Buffer;
import org.alborz.type.DType;

/**
 * A dense operand of float32 or of 16 bits that is computed with in float32: pieces of the first are used in place, those of the second
 * pass through memory of a worker.
 */
final class FloatRows {
    private final Workspace.Use use;
    private float[] floats;
    private short[] shorts;
    private DType dtype;
    private int origin;
    private boolean isSet;

    /** @param use the worker's memory that pieces of 16 bits pass through */
    FloatRows(Workspace.Use use) {
        this.use = use;
    }

    /** Takes an operand, or none where that is null. */
    void set(Operand operand) {
        end(); // of an operand that a call which failed has left
        isSet = operand != null;
        if (!isSet) {
            return;
        }
        dtype = operand.dtype();
        origin = Floats.at(operand);
        if (CpuBuffer.of(operand) instanceof Float16Buffer narrow) {
            shorts = narrow.array();
        } else {
            floats = Floats.of(operand);
        }
    }

    /** Releases the operand's memory. */
    void end() {
        floats = null;
        shorts = null;
    }

    /** Tells whether there is an operand. */
    boolean isSet() {
        return isSet;
    }

    /** Tells whether the operand has 16 bits. */
    boolean isNarrow() {
        return shorts != null;
    }

    /** Returns the array that {@code n} elements from {@code first} on are read from, at {@link #at}. */
    float[] read(Workspace workspace, int first, int n) {
        if (shorts == null) {
            return floats;
        }
        float[] piece = workspace.floats(use, n);
        HalfRows.widen(dtype, shorts, origin + first, piece, 0, n);
        return piece;
    }

    /** Returns the array that {@code n} elements from {@code first} on are to be written to, at {@link #at}; {@link #store} ends it. */
    float[] target(Workspace workspace, int n) {
        return shorts == null ? floats : workspace.floats(use, n);
    }

    /** Returns the place of element {@code first} in the array of its piece. */
    int at(int first) {
        return shorts == null ? origin + first : 0;
    }

    /** Stores {@code n} elements that were written to the target, rounded where the operand has 16 bits. */
    void store(float[] piece, int first, int n) {
        if (shorts != null) {
            HalfRows.narrow(dtype, piece, 0, shorts, origin + first, n);
        }
    }
}
