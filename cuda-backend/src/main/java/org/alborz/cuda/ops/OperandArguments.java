package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.memory.OperandBytes;
import org.alborz.type.DType;

/** Passes operands to kernels: their addresses, and where launches are observed what is read and written. */
final class OperandArguments {
    private final Launcher launcher;

    OperandArguments(Launcher launcher) {
        this.launcher = launcher;
    }

    /**
     * Passes an operand that the kernel only reads.
     *
     * @throws IllegalArgumentException when the elements are not of the type that the kernel takes
     */
    void read(Operand operand, DType expected) {
        launcher.address(Operands.address(operand, expected));
        if (launcher.isObserved()) {
            launcher.traffic().read(OperandBytes.of(operand));
        }
    }

    /** Passes an operand that the kernel writes, as {@link #read}. */
    void write(Operand operand, DType expected) {
        launcher.address(Operands.address(operand, expected));
        if (launcher.isObserved()) {
            launcher.traffic().written(OperandBytes.of(operand));
        }
    }

    /** Passes an operand that the kernel reads and writes, as {@link #read}. */
    void update(Operand operand, DType expected) {
        write(operand, expected);
        if (launcher.isObserved()) {
            launcher.traffic().read(OperandBytes.of(operand));
        }
    }

    /** Passes an operand that the kernel only reads, or nothing for null. */
    void readOrNone(Operand operand, DType expected) {
        if (operand == null) {
            launcher.address(0);
        } else {
            read(operand, expected);
        }
    }

    /** Passes an operand that the kernel writes, or nothing for null. */
    void writeOrNone(Operand operand, DType expected) {
        if (operand == null) {
            launcher.address(0);
        } else {
            write(operand, expected);
        }
    }
}
