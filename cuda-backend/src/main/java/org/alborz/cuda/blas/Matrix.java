package org.alborz.cuda.blas;

import jcuda.Pointer;
import jcuda.jcublas.cublasOperation;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.type.Layout;

/**
 * A matrix, or a batch of them, as cuBLAS is told of it.
 *
 * @param transposed whether it is stored column by column
 * @param leading elements from one row to the next, or from one column to the next where it is transposed
 * @param batchStride elements from one matrix of the batch to the next; 0 repeats the same
 */
record Matrix(Pointer pointer, boolean transposed, int leading, long batchStride) {
    /** Reads an operand of rank 2 or 3, which has stride 1 along one of its last two axes. */
    static Matrix of(Operand operand) {
        Layout layout = operand.layout();
        int rank = layout.shape().rank();
        int rows = layout.shape().size(-2);
        int columns = layout.shape().size(-1);
        // Along an axis of size 1 the stride says nothing, and cuBLAS still needs one that a matrix could have.
        boolean byRows = (columns == 1 || layout.stride(-1) == 1) && (rows == 1 || layout.stride(-2) >= columns);
        long leading = byRows ? rows == 1 ? columns : layout.stride(-2) : columns == 1 ? rows : layout.stride(-1);
        long batch = rank == 3 && layout.shape().size(0) > 1 ? layout.stride(0) : 0;
        if (leading > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("matmul on CUDA expects rows at most " + Integer.MAX_VALUE
                    + " elements apart, got " + layout + "; make the tensor contiguous first");
        }
        return new Matrix(((CudaBuffer) operand.buffer()).pointer(layout.offset()), !byRows, (int) leading, batch);
    }

    /** Returns cuBLAS' name for the matrix's order in memory: row-major is what cuBLAS, reading columns, sees as it should be for yᵀ. */
    int operation() {
        return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }
}
