package org.alborz.tensor;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.alborz.type.DType;

/** The check of the buffers that values are copied from and to: which class of buffer belongs to which type, and what it may hold. */
final class HostBuffers {
    private HostBuffers() {}

    static void requireSource(String method, Tensor tensor, Buffer source) {
        Class<? extends Buffer> expected = type(tensor.dtype());
        if (!expected.isInstance(source)) {
            throw new IllegalArgumentException(method + " expects a " + expected.getSimpleName() + " for "
                    + tensor.describe() + ", got " + describe(source) + ". " + remedy(tensor.dtype()));
        }
    }

    private static String remedy(DType dtype) {
        return switch (dtype) {
            case FLOAT16, BFLOAT16 -> "It holds the bits of each value; or write floats with Session.write";
            case BOOL -> "It holds a byte of 1 or 0 for each value; or write a boolean[] with Session.write";
            case FLOAT32, FLOAT64, INT32, INT64, UINT8 -> "Convert the values, or use a tensor of their type";
        };
    }

    /** Refuses other bytes for truth values than 1 and 0. */
    static void requireValid(String method, Tensor tensor, Buffer source) {
        if (tensor.dtype() == DType.BOOL && source instanceof ByteBuffer bytes) {
            for (int i = bytes.position(); i < bytes.limit(); i++) {
                if ((bytes.get(i) & ~1) != 0) {
                    throw new IllegalArgumentException(
                            method + " expects bytes of 1 or 0 for " + tensor.describe() + ", got "
                                    + (bytes.get(i) & 0xFF) + " at index " + (i - bytes.position())
                                    + "; use a uint8 tensor and convert it with to(DType.BOOL)");
                }
            }
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
            case INT64 -> LongBuffer.class;
            case UINT8, BOOL -> ByteBuffer.class;
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
