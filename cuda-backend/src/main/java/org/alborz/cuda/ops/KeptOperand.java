package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.type.DType;

/**
 * A dense operand of work that is kept back ({@link org.alborz.cuda.driver.Stream#delay}), and where it was: its memory may be handed out again, for elements of
 * another type as well.
 */
record KeptOperand(Operand operand, DType dtype, long begin, long end) {
    static KeptOperand of(Operand operand) {
        long begin = Operands.address(operand);
        return new KeptOperand(DeviceOperand.of(operand), operand.dtype(), begin, begin + bytes(operand));
    }

    /** Tells whether it is where it was, and apart from others that are written meanwhile. */
    boolean isIntact(Operand... written) {
        boolean intact = operand.dtype() == dtype && Operands.address(operand) == begin;
        for (Operand other : written) {
            long at = Operands.address(other);
            intact &= !overlaps(at, at + bytes(other));
        }
        return intact;
    }

    /** Tells whether it has bytes in common with those between two addresses. */
    boolean overlaps(long from, long to) {
        return from < end && begin < to;
    }

    private static long bytes(Operand dense) {
        return Operands.elements(dense) * dense.dtype().bytes();
    }
}
