package org.alborz.checkpoint;

import java.nio.ByteBuffer;
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

    /** Tells whether {@link #toDouble} can read it. */
    boolean isFloating() {
        return this == F16 || this == BF16 || this == F32 || this == F64;
    }

    /** Takes the next element of a floating type from a little-endian buffer. */
    double toDouble(ByteBuffer from) {
        return switch (this) {
            case F16, BF16 -> toDouble(from.getShort());
            case F32 -> from.getFloat();
            case F64 -> from.getDouble();
            default -> throw notFloating();
        };
    }

    /** Returns the number that bits of a floating type of 16 stand for. */
    double toDouble(short number) {
        return switch (this) {
            case F16 -> halfToDouble(number);
            case BF16 -> Float.intBitsToFloat(number << 16);
            default -> throw notFloating();
        };
    }

    /** Returns the largest finite number of a floating type. */
    double mostFinite() {
        return switch (this) {
            case F16 -> 65504;
            case BF16 -> Float.intBitsToFloat(0x7F7F0000);
            case F32 -> Float.MAX_VALUE;
            case F64 -> Double.MAX_VALUE;
            default -> throw notFloating();
        };
    }

    private IllegalStateException notFloating() {
        return new IllegalStateException(this + " is no floating type that tensors are converted from");
    }

    /** Sign, five bits of exponent and ten of fraction (IEEE 754 binary16). */
    private static double halfToDouble(short bits) {
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        double magnitude;
        if (exponent == 31) {
            magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else {
            magnitude = exponent == 0 ? Math.scalb(fraction, -24) : Math.scalb(1024.0 + fraction, exponent - 25);
        }
        return bits < 0 ? -magnitude : magnitude;
    }

    /** Returns the type that stores a tensor's elements as they are. */
    public static SafetensorsType of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> F32;
            case FLOAT64 -> F64;
            case FLOAT16 -> F16;
            case BFLOAT16 -> BF16;
            case INT32 -> I32;
            case INT64 -> I64;
            case UINT8 -> U8;
            case BOOL -> BOOL;
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
