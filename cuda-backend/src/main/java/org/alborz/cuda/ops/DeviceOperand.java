package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Layout;

/** Memory of our own, as an operand. */
record DeviceOperand(CudaBuffer buffer, Layout layout) implements Operand {
    /** Returns an operand that stays as it is when the given one is closed, or null for null. */
    static DeviceOperand of(Operand operand) {
        return operand == null ? null : new DeviceOperand(Operands.buffer(operand), operand.layout());
    }

    /** Tells whether another operand has the same place, shape and type. */
    boolean isSame(Operand other) {
        return Operands.address(other) == Operands.address(this)
                && other.shape().equals(shape())
                && other.dtype() == dtype();
    }

    /** Returns a dense operand like this one in scratch memory. */
    DeviceOperand in(TemporaryBuffer scratch) {
        return new DeviceOperand(scratch.buffer(), layout.compact());
    }
}
