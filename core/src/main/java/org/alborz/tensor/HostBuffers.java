package org.alborz.tensor;

import java.nio.Buffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import org.alborz.type.DType;

/** The check of the buffers that values are copied from and to: which class of buffer belongs to which type. */
final class HostBuffers {
    private HostBuffers() {}

    static void requireSource(String method, Tensor tensor, Buffer source) {
        Class<? extends Buffer> expected = type(tensor.dtype());
        if (!expected.isInstance(source)) {
            throw new IllegalArgumentException(method + " expects a " + expected.getSimpleName() + " for "
                    + tensor.describe() + ", got " + describe(source) + ". "
                    + (tensor.dtype().bytes() == Short.BYTES
                            ? "It holds the bits of each value; or write floats with Session.write"
                            : "Convert the values, or use a tensor of their type"));
        }
    }

    static void requireTarget(String method, Tensor tensor, Buffer target) {
        requireSource(method, tensor, target);
        if (target.isReadOnly()) {
            throw new IllegalArgumentException(method + " expects a buffer that can be written to for "
                    + tensor.describe() + ", got a read-only one");
        }
    }

    private static Class<? extends Buffer> type(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> FloatBuffer.class;
            case FLOAT64 -> DoubleBuffer.class;
            case FLOAT16, BFLOAT16 -> ShortBuffer.class;
            case INT32 -> IntBuffer.class;
        };
    }

    /** Returns the name of the public class of a buffer, such as FloatBuffer, whatever its implementation is called. */
    private static String describe(Buffer buffer) {
        Class<?> type = buffer == null ? null : buffer.getClass();
        while (type != null && type.getSuperclass() != Buffer.class) {
            type = type.getSuperclass();
        }
        return type == null ? "null" : "a " + type.getSimpleName();
    }
}
