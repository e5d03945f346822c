package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float32Buffer;
import org.alborz.type.Activation;

/** What the kernels need to know of a float32 operand. */
final class Floats {
    private Floats() {}

    /** Returns the operand's memory. */
    static float[] of(Operand operand) {
        if (CpuBuffer.of(operand) instanceof Float32Buffer floats) {
            return floats.array();
        }
        throw new IllegalArgumentException("A float32 operation expects float32 memory throughout, got "
                + operand.dtype() + ". Cast the tensor first.");
    }

    /** Returns the place of the operand's first element. */
    static int at(Operand operand) {
        return (int) operand.layout().offset();
    }

    /** Returns the least value that an activation gives. */
    static float floor(Activation activation) {
        return switch (activation) {
            case NONE -> Float.NEGATIVE_INFINITY;
            case RELU, RELU6 -> 0;
        };
    }

    /** Returns the greatest value that an activation gives. */
    static float ceiling(Activation activation) {
        return activation == Activation.RELU6 ? 6 : Float.POSITIVE_INFINITY;
    }
}
