package org.alborz.type;

import java.util.Locale;

/** The type of a tensor's elements. */
public enum DType {
    FLOAT32(4, true),
    FLOAT64(8, true),
    FLOAT16(2, true),
    BFLOAT16(2, true),
    /** Class labels and indices; arithmetic is not defined on it. */
    INT32(4, false);

    private final int bytes;
    private final boolean floating;

    DType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /** Returns the size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Tells whether arithmetic and gradients are defined on this type. */
    public boolean isFloating() {
        return floating;
    }

    /**
     * Returns the type in which sums over many numbers of this type, and averages that run over many steps, are kept:
     * {@link #FLOAT32} for the types of 16 bits, else this type.
     */
    public DType accumulator() {
        return bytes == Short.BYTES ? FLOAT32 : this;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
