package org.alborz.type;

/**
 * How a two-dimensional pooling walks its input.
 *
 * @param kernelH rows of the window, at least 1
 * @param kernelW columns of the window, at least 1
 * @param strideH rows from one window to the next, at least 1
 * @param strideW columns from one window to the next, at least 1
 * @param padding what is added around the image; on each side at most half the window
 * @param dilationH rows from one element of a window to the next, at least 1
 * @param dilationW columns from one element of a window to the next, at least 1
 * @param ceil whether a last window that is not whole counts, provided it begins on the image or in the padding in front of it
 * @param countPadding whether an average divides by the elements on the padding too; what is beyond the padding never counts
 */
public record Pool2dParameters(
        int kernelH,
        int kernelW,
        int strideH,
        int strideW,
        Padding2d padding,
        int dilationH,
        int dilationW,
        boolean ceil,
        boolean countPadding) {
    /**
     * Makes parameters without dilation, of whole windows, whose padding counts.
     *
     * @param paddingH rows added above and below; at most half the window
     * @param paddingW columns added left and right; at most half the window
     */
    public Pool2dParameters(int kernelH, int kernelW, int strideH, int strideW, int paddingH, int paddingW) {
        this(kernelH, kernelW, strideH, strideW, Padding2d.of(paddingH, paddingW), 1, 1, false, true);
    }

    /** Returns square windows side by side, without padding. */
    public static Pool2dParameters of(int kernel) {
        return of(kernel, kernel);
    }

    /** Returns windows side by side, without padding. */
    public static Pool2dParameters of(int kernelH, int kernelW) {
        return new Pool2dParameters(kernelH, kernelW, kernelH, kernelW, 0, 0);
    }

    /** Returns the same with a stride along both axes. */
    public Pool2dParameters withStride(int stride) {
        return withStride(stride, stride);
    }

    /** Returns the same with a stride along each axis. */
    public Pool2dParameters withStride(int rows, int columns) {
        return new Pool2dParameters(kernelH, kernelW, rows, columns, padding, dilationH, dilationW, ceil, countPadding);
    }

    /** Returns the same with a padding on every side, at most half the window. */
    public Pool2dParameters withPadding(int size) {
        return withPadding(Padding2d.of(size));
    }

    /** Returns the same with a padding on each side as given, at most half the window. */
    public Pool2dParameters withPadding(Padding2d sides) {
        return new Pool2dParameters(
                kernelH, kernelW, strideH, strideW, sides, dilationH, dilationW, ceil, countPadding);
    }

    /** Returns the same with a dilation along both axes. */
    public Pool2dParameters withDilation(int dilation) {
        return new Pool2dParameters(
                kernelH, kernelW, strideH, strideW, padding, dilation, dilation, ceil, countPadding);
    }

    /** Returns the same with or without a last window that is not whole (PyTorch's {@code ceil_mode}). */
    public Pool2dParameters withCeil(boolean partialWindows) {
        return new Pool2dParameters(
                kernelH, kernelW, strideH, strideW, padding, dilationH, dilationW, partialWindows, countPadding);
    }

    /** Returns the same with averages that divide by the padding too, or not (PyTorch's {@code count_include_pad}). */
    public Pool2dParameters withCountPadding(boolean counted) {
        return new Pool2dParameters(kernelH, kernelW, strideH, strideW, padding, dilationH, dilationW, ceil, counted);
    }

    public Pool2dParameters {
        if (padding == null) {
            throw new IllegalArgumentException("Pool2dParameters expects a padding, got null");
        }
        if (kernelH < 1 || kernelW < 1 || strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
            throw new IllegalArgumentException(
                    "Pooling expects kernel, stride and dilation of at least 1, got kernel " + kernelH + "x" + kernelW
                            + ", stride " + strideH + "x" + strideW + ", dilation " + dilationH + "x" + dilationW);
        }
        if (Math.max(padding.top(), padding.bottom()) > kernelH / 2
                || Math.max(padding.left(), padding.right()) > kernelW / 2) {
            throw new IllegalArgumentException("Pooling expects padding of at most half the kernel " + kernelH + "x"
                    + kernelW + " on each side, got " + padding);
        }
    }

    /**
     * Returns the rows of the output: ⌊(H + P − D(K − 1) − 1) / S⌋ + 1 with P rows of padding above and below together, rounded up with
     * {@link #ceil}; 0 where the window does not fit.
     *
     * @throws IllegalArgumentException when the image with its padding has more than 2³¹ − 1 rows
     */
    public int outputH(int inputH) {
        return ceil
                ? Window.outputSizeRoundedUp(
                        "height", inputH, kernelH, strideH, padding.top(), padding.bottom(), dilationH)
                : Window.outputSize("height", inputH, kernelH, strideH, padding.top(), padding.bottom(), dilationH);
    }

    /** Returns the columns of the output, likewise. */
    public int outputW(int inputW) {
        return ceil
                ? Window.outputSizeRoundedUp(
                        "width", inputW, kernelW, strideW, padding.left(), padding.right(), dilationW)
                : Window.outputSize("width", inputW, kernelW, strideW, padding.left(), padding.right(), dilationW);
    }

    /** Returns the windows along the rows of an image. */
    public PoolAxis rows(int inputH) {
        return new PoolAxis(kernelH, strideH, padding.top(), padding.bottom(), dilationH, countPadding, inputH);
    }

    /** Returns the windows along its columns. */
    public PoolAxis columns(int inputW) {
        return new PoolAxis(kernelW, strideW, padding.left(), padding.right(), dilationW, countPadding, inputW);
    }

    /** Tells whether all averages divide by the whole window, as there is no element that does not count. */
    public boolean dividesEvenly() {
        return !ceil && (countPadding || padding.equals(Padding2d.NONE));
    }

    /** Returns the window and what differs from {@link #of}, such as {@code kernel=3, stride=2, padding=1}. */
    @Override
    public String toString() {
        return Window.text("kernel", kernelH, kernelW)
                + ", "
                + Window.text("stride", strideH, strideW)
                + (padding.equals(Padding2d.NONE) ? "" : ", " + padding)
                + (dilationH == 1 && dilationW == 1 ? "" : ", " + Window.text("dilation", dilationH, dilationW))
                + (ceil ? ", ceil" : "")
                + (countPadding ? "" : ", padding not counted");
    }
}
