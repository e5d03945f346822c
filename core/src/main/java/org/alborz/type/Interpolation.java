package org.alborz.type;

/** How numbers between pixels are worked out. */
public enum Interpolation {
    /** The pixel at the place rounded down, as PyTorch's {@code nearest}. */
    NEAREST,
    /** The nearest pixel by the distance of centres, as PyTorch's {@code nearest-exact}. */
    NEAREST_EXACT,
    /** Linear between the nearest pixels along each axis. */
    BILINEAR,
    /** Cubic convolution over the nearest four pixels along each axis, with a = −0.75 (Keys 1981), as in PyTorch. */
    BICUBIC;

    /** Tells whether the result is always one of the pixels. */
    public boolean isNearest() {
        return this == NEAREST || this == NEAREST_EXACT;
    }
}
