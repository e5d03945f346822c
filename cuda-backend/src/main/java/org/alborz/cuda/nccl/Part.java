package org.alborz.cuda.nccl;

import org.alborz.backend.Operand;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.type.DType;

/**
 * Numbers of one tensor that are exchanged in place.
 *
 * @param address of the first in device memory
 */
public record Part(long address, long count, DType dtype) {
    /** Returns the numbers of a dense tensor, in their order in memory. */
    public static Part of(Operand operand) {
        CudaBuffer buffer = (CudaBuffer) operand.buffer();
        return new Part(buffer.at(operand.layout().offset()), operand.shape().elements(), operand.dtype());
    }

    long bytes() {
        return count * dtype.bytes();
    }
}
