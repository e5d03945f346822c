package org.alborz.cuda.memory;

import org.alborz.backend.Operand;
import org.alborz.type.Layout;

/** The size of operands in memory. */
public final class OperandBytes {
    private OperandBytes() {}

    /** Returns the bytes of the elements; what is broadcast counts once. */
    public static long of(Operand operand) {
        Layout layout = operand.layout();
        long elements = 1;
        for (int axis = 0; axis < layout.shape().rank(); axis++) {
            int size = layout.shape().size(axis);
            if (layout.stride(axis) != 0 || size == 0) {
                elements *= size;
            }
        }
        return elements * operand.dtype().bytes();
    }
}
