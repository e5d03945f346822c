package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.type.Shape;

/** The addresses of operands on the device. */
final class Operands {
    private Operands() {}

    static CudaBuffer buffer(Operand operand) {
        return (CudaBuffer) operand.buffer();
    }

    /** Returns the address of the first element. */
    static long address(Operand operand) {
        return buffer(operand).at(operand.layout().offset());
    }

    /** Returns the address of the first element, or 0 for none. */
    static long addressOrNone(Operand operand) {
        return operand == null ? 0 : address(operand);
    }

    /** Returns the address of the first element, as the object that the libraries take. */
    static DeviceAddress pointer(Operand operand) {
        return buffer(operand).pointer(operand.layout().offset());
    }

    /** Refuses more elements than a kernel can count in 32 bits. */
    static void requireCountable(String operation, Shape shape) {
        if (shape.elements() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(operation + " on CUDA expects at most " + Integer.MAX_VALUE
                    + " elements here, got " + shape + "; use a smaller batch");
        }
    }

    static long elements(Operand operand) {
        return operand.shape().elements();
    }
}
