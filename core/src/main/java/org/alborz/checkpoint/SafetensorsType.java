package org.alborz.checkpoint;

import java.util.Arrays;
import org.alborz.type.DType;

/** An element type of the safetensors format, under the name the format gives it. */
public enum SafetensorsType {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    F64(8),
    I64(8),
    U64(8);

    private final int bytes;

    SafetensorsType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns the size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Returns the type that stores a tensor's elements as they are. */
    public static SafetensorsType of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> F32;
            case FLOAT64 -> F64;
            case FLOAT16 -> F16;
            case BFLOAT16 -> BF16;
            case INT32 -> I32;
        };
    }

    /** Returns the type of that name, or null. */
    static SafetensorsType named(String name) {
        return Arrays.stream(values())
                .filter(type -> type.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
