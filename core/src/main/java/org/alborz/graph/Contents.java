package org.alborz.graph;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** Values on the host, in a buffer of the class that belongs to their type. */
final class Contents {
    private Contents() {}

    /** Returns a tensor's values in row-major order. */
    static Buffer of(Tensor tensor) {
        Buffer values = buffer(tensor.dtype(), Math.toIntExact(tensor.shape().elements()));
        tensor.read(values);
        return values;
    }

    static Buffer buffer(DType dtype, int elements) {
        return switch (dtype) {
            case FLOAT32 -> FloatBuffer.allocate(elements);
            case FLOAT64 -> DoubleBuffer.allocate(elements);
            case FLOAT16, BFLOAT16 -> ShortBuffer.allocate(elements);
            case INT32 -> IntBuffer.allocate(elements);
            case INT64 -> LongBuffer.allocate(elements);
            case UINT8, BOOL -> ByteBuffer.allocate(elements);
        };
    }
}
