package org.alborz.type;

/** The arithmetic of windows that walk along an axis: of convolutions and of pooling. */
final class Window {
    private Window() {}

    /**
     * Returns how many windows fit, 0 for none. An index {@code i·stride + u·dilation} of any of them fits an int, which backends rely
     * on.
     *
     * @param axis what messages call the axis
     */
    static int outputSize(String axis, int input, int kernel, int stride, int padding, int dilation) {
        long padded = input + 2L * padding;
        if (kernel < 1 || padded > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A window expects a kernel of at least 1 and a padded " + axis
                    + " of at most " + Integer.MAX_VALUE + ", got kernel " + kernel + " and " + axis + " " + input
                    + " with padding " + padding + " on both sides");
        }
        long left = padded - (long) dilation * (kernel - 1) - 1;
        return left < 0 ? 0 : (int) (left / stride) + 1;
    }

    /** Returns {@code name=3} for a square, {@code name=3x2} else. */
    static String text(String name, int height, int width) {
        return name + "=" + height + (height == width ? "" : "x" + width);
    }
}
