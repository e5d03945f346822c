package org.alborz.cuda.dnn.graph;

import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * A tensor of a graph, stored channels-last.
 *
 * @param id what it is called within the graph
 * @param shape images {@code [N, C, H, W]}, filters {@code [O, C/groups, KH, KW]}, or numbers of channels {@code [1, C, 1, 1]}
 * @param isVirtual whether it has no memory: one operation makes it, and others of the graph read it
 */
record GraphTensor(long id, DType dtype, Shape shape, boolean isVirtual) {
    static GraphTensor stored(long id, DType dtype, Shape shape) {
        return new GraphTensor(id, dtype, shape, false);
    }

    /** Makes a tensor of the same shape between two operations, of float32. */
    GraphTensor between(long otherId) {
        return new GraphTensor(otherId, DType.FLOAT32, shape, true);
    }

    long[] sizes() {
        return new long[] {shape.size(0), shape.size(1), shape.size(2), shape.size(3)};
    }

    long[] strides() {
        long channels = shape.size(1);
        long row = channels * shape.size(3);
        return new long[] {row * shape.size(2), 1, row, channels};
    }
}
