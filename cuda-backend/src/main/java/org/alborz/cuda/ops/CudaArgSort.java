package org.alborz.cuda.ops;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Sorting along an axis: blocks sort pieces of the lines, which are then merged in pairs until each line is one piece. */
final class CudaArgSort {
    private static final int PER_BLOCK = 256;

    /** How many elements a block sorts; known to the kernels. */
    private static final int PIECE = 256;

    private final LaunchContext context;
    private final Elementwise elementwise;
    private final OffsetCalculator lines = new OffsetCalculator();

    CudaArgSort(LaunchContext context, Elementwise elementwise) {
        this.context = context;
        this.elementwise = elementwise;
    }

    void run(int axis, boolean descending, Operand x, Operand indices) {
        if (Operands.elements(indices) == 0) {
            return;
        }
        Operands.requireCountable("argSort", x.shape());
        Layout layout = x.layout();
        int width = layout.shape().size(axis);
        long n = Operands.elements(x);
        try (TemporaryBuffer keys = context.pool().borrow(DType.INT64, n);
                TemporaryBuffer order = context.pool().borrow(DType.INT32, n);
                TemporaryBuffer otherKeys = context.pool().borrow(DType.INT64, n);
                TemporaryBuffer otherOrder = context.pool().borrow(DType.INT32, n)) {
            lines.begin(1);
            for (int i = 0; i < layout.shape().rank(); i++) {
                if (i != axis) {
                    lines.axis(layout.shape().size(i), layout.stride(i), 0, 0, 0);
                }
            }
            long rows = n / width;
            context.kernels()
                    .argSortPieces(
                            x.dtype(), descending ? 1 : 0, x, keys, order, lines, rows, width, layout.stride(axis));
            context.run(rows * ((width + PIECE - 1L) / PIECE), 1);
            boolean isMerged = false;
            for (long length = PIECE; length < width; length *= 2) {
                context.kernels()
                        .argSortMerge(
                                isMerged ? otherKeys : keys,
                                isMerged ? otherOrder : order,
                                isMerged ? keys : otherKeys,
                                isMerged ? order : otherOrder,
                                length,
                                width,
                                n);
                context.run(n, PER_BLOCK);
                isMerged = !isMerged;
            }
            elementwise.copy(first(axis, indices.shape(), width, isMerged ? otherOrder : order), indices);
        }
    }

    /** Returns the first indices of each line, which are stored line by line, in the order of the result's axes. */
    private static Operand first(int axis, Shape shape, int width, TemporaryBuffer order) {
        int rank = shape.rank();
        long[] strides = new long[rank];
        long stride = width;
        for (int i = rank - 1; i >= 0; i--) {
            strides[i] = i == axis ? 1 : stride;
            stride *= i == axis ? 1 : shape.size(i);
        }
        return new DeviceOperand(order.buffer(), Layout.of(shape, strides, 0));
    }
}
