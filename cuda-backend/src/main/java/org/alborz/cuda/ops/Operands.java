package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** The addresses of operands on the device. */
final class Operands {
    private Operands() {}

    static CudaBuffer buffer(Operand operand) {
        return (CudaBuffer) operand.buffer();
    }

    /** Returns the address of the first element. */
    static long address(Operand operand) {
        return operand instanceof TemporaryBuffer temporary
                ? temporary.address()
                : buffer(operand).at(operand.layout().offset());
    }

    /**
     * Returns the address of the first element for a kernel's argument.
     *
     * @throws IllegalArgumentException when the elements are not of the type that the kernel takes
     */
    static long address(Operand operand, DType expected) {
        if (operand.dtype() != expected) {
            throw new IllegalArgumentException(
                    "A kernel expects an operand of " + expected + ", got one of " + operand.dtype());
        }
        return address(operand);
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
