package org.alborz.cpu.vector;

import org.alborz.backend.Operand;

/**
 * Where the rows of {@code [N, heads, T, size]} are, each of them contiguous; looked up by the caller, since other threads may not ask an operand.
 * Heads are numbered through the batch.
 */
record AttentionHeads(float[] array, int at, int heads, int batchStride, int headStride, int rowStride) {
    static AttentionHeads of(Operand x) {
        return new AttentionHeads(
                Floats.of(x), Floats.at(x), x.shape().size(1), stride(x, 0), stride(x, 1), stride(x, 2));
    }

    private static int stride(Operand x, int axis) {
        return (int) x.layout().stride(axis);
    }

    /** Returns where a row of a head begins. */
    int at(int head, int row) {
        return at + head / heads * batchStride + head % heads * headStride + row * rowStride;
    }

    /** Returns some rows of a head as a matrix. */
    Matrix rows(int head, int from, int count, int size) {
        return new Matrix(array, at(head, from), count, size, rowStride, 1);
    }

    /** Returns the first rows of a head as the columns of a matrix. */
    Matrix columns(int head, int count, int size) {
        return new Matrix(array, at(head, 0), size, count, 1, rowStride);
    }

    /** Writes rows that are {@code step} apart, times a factor. */
    void write(float factor, float[] rows, int rowsAt, int step, int head, int from, int count, int size) {
        for (int row = 0; row < count; row++) {
            System.arraycopy(rows, rowsAt + row * step, array, at(head, from + row), size);
            if (factor != 1) {
                SoftmaxRows.scale(factor, 0, array, at(head, from + row), size);
            }
        }
    }
}
