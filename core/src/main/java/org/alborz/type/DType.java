package org.alborz.type;

import java.util.Locale;

/**
 * The type of a tensor's elements.
 *
 * <p>Arithmetic, gradients and a session's parameters are of the floating types. {@link #INT32} and {@link #INT64} have the arithmetic
 * that indices and counts need; every type can be copied, viewed, joined, picked from, compared and converted.
 *
 * <p>A conversion gives the same result on every backend:
 *
 * <ul>
 *   <li>to a floating type, the nearest number, the even one of two; beyond its range, an infinity;
 *   <li>from a floating type to an integer one, the number truncated toward zero; NaN becomes 0;
 *   <li>to an integer type from any other, what is out of its range becomes its nearest number;
 *   <li>to {@link #BOOL}, whether the number is not 0, so true for NaN; from it, 0 or 1.
 * </ul>
 */
public enum DType {
    FLOAT32(4, Kind.FLOATING),
    FLOAT64(8, Kind.FLOATING),
    FLOAT16(2, Kind.FLOATING),
    BFLOAT16(2, Kind.FLOATING),
    /** Class labels and indices. */
    INT32(4, Kind.INTEGER),
    /** Counts, and indices as other programs write them. */
    INT64(8, Kind.INTEGER),
    /** Bytes from 0 to 255, such as the pixels of images; no arithmetic. */
    UINT8(1, Kind.INTEGER),
    /** True or false, one byte of 1 or 0: what comparisons give and masks are. */
    BOOL(1, Kind.BOOLEAN);

    private enum Kind {
        FLOATING,
        INTEGER,
        BOOLEAN
    }

    private final int bytes;
    private final Kind kind;

    DType(int bytes, Kind kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    /** Returns the size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Tells whether this is a type of real numbers, on which all arithmetic and gradients are defined. */
    public boolean isFloating() {
        return kind == Kind.FLOATING;
    }

    /** Tells whether this is a type of whole numbers: {@link #INT32}, {@link #INT64} or {@link #UINT8}. */
    public boolean isInteger() {
        return kind == Kind.INTEGER;
    }

    /**
     * Returns the type in which sums over many numbers of this type, and averages that run over many steps, are kept:
     * {@link #FLOAT32} for the floating types of 16 bits, {@link #INT64} for integers and truth values, else this type.
     */
    public DType accumulator() {
        return switch (this) {
            case FLOAT32, FLOAT16, BFLOAT16 -> FLOAT32;
            case FLOAT64 -> FLOAT64;
            case INT32, INT64, UINT8, BOOL -> INT64;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
