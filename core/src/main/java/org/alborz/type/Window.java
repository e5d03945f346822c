package org.alborz.type;

/** The arithmetic of windows that walk along an axis: of convolutions and of pooling. */
final class Window {
    private Window() {}

    /**
     * Returns how many windows fit, 0 for none. An index {@code i·stride + u·dilation} of any of them fits an int, which backends rely
     * on.
     *
     * @param axis what messages call the axis
     * @param before padding in front of the axis
     * @param after padding behind it
     */
    static int outputSize(String axis, int input, int kernel, int stride, int before, int after, int dilation) {
        long padded = (long) input + before + after;
        if (kernel < 1 || padded > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A window expects a kernel of at least 1 and a padded " + axis
                    + " of at most " + Integer.MAX_VALUE + ", got kernel " + kernel + " and " + axis + " " + input
                    + " with padding " + before + (before == after ? " on both sides" : " and " + after));
        }
        long left = padded - (long) dilation * (kernel - 1) - 1;
        return left < 0 ? 0 : (int) (left / stride) + 1;
    }

    /**
     * Returns how many windows there are where the last may reach beyond the padding, but begins on the axis or in the padding in front
     * of it; 0 where not even one fits into the padded axis.
     */
    static int outputSizeRoundedUp(
            String axis, int input, int kernel, int stride, int before, int after, int dilation) {
        int whole = outputSize(axis, input, kernel, stride, before, after, dilation);
        long reached = (long) (whole - 1) * stride + (long) dilation * (kernel - 1) + 1;
        boolean leavesRest = whole > 0 && reached < (long) input + before + after;
        boolean begins = (long) whole * stride < (long) input + before;
        if (!leavesRest || !begins) {
            return whole;
        }
        if (reached + stride > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A window expects a padded " + axis + " of at most "
                    + (Integer.MAX_VALUE - stride) + " where the last may reach beyond it, got " + input);
        }
        return whole + 1;
    }

    /** Returns {@code name=3} for a square, {@code name=3x2} else. */
    static String text(String name, int height, int width) {
        return name + "=" + height + (height == width ? "" : "x" + width);
    }
}
