package org.alborz.graph;

import org.alborz.ops.TensorSpec;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * A tensor of a traced computation. Views and what is overwritten share a memory, as they do where they are computed.
 *
 * @param memory the number of its memory in {@link Graph#memories}
 * @param spec its type and its layout in the memory
 */
public record Value(int memory, TensorSpec spec) {
    public DType dtype() {
        return spec.dtype();
    }

    public Shape shape() {
        return spec.shape();
    }

    /** Returns the bytes of its elements. */
    public long bytes() {
        return shape().elements() * dtype().bytes();
    }
}
