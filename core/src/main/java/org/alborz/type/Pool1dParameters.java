package org.alborz.type;

/**
 * How a one-dimensional pooling walks its input.
 *
 * @param kernel elements of the window, at least 1
 * @param stride elements from one window to the next, at least 1
 * @param before elements added before the input, at most half the window
 * @param after elements added after the input, at most half the window
 * @param dilation elements from one element of a window to the next, at least 1
 * @param ceil whether a last window that is not whole counts, provided it begins on the input or in the padding before it
 * @param countPadding whether an average divides by the elements on the padding too; what is beyond the padding never counts
 */
public record Pool1dParameters(
        int kernel, int stride, int before, int after, int dilation, boolean ceil, boolean countPadding) {
    public Pool1dParameters {
        if (kernel < 1 || stride < 1 || dilation < 1) {
            throw new IllegalArgumentException("Pooling expects kernel, stride and dilation of at least 1, got kernel "
                    + kernel + ", stride " + stride + ", dilation " + dilation);
        }
        if (before < 0 || after < 0 || Math.max(before, after) > kernel / 2) {
            throw new IllegalArgumentException("Pooling expects padding of 0 to half the kernel " + kernel
                    + " on each side, got " + before + " and " + after);
        }
    }

    /** Returns windows side by side, without padding. */
    public static Pool1dParameters of(int kernel) {
        return new Pool1dParameters(kernel, kernel, 0, 0, 1, false, true);
    }

    /** Returns the same with a stride. */
    public Pool1dParameters withStride(int elements) {
        return new Pool1dParameters(kernel, elements, before, after, dilation, ceil, countPadding);
    }

    /** Returns the same with a padding on both sides, at most half the window. */
    public Pool1dParameters withPadding(int size) {
        return withPadding(size, size);
    }

    /** Returns the same with a padding before and after the input, each at most half the window. */
    public Pool1dParameters withPadding(int inFront, int behind) {
        return new Pool1dParameters(kernel, stride, inFront, behind, dilation, ceil, countPadding);
    }

    /** Returns the same with a dilation. */
    public Pool1dParameters withDilation(int elements) {
        return new Pool1dParameters(kernel, stride, before, after, elements, ceil, countPadding);
    }

    /** Returns the same with or without a last window that is not whole (PyTorch's {@code ceil_mode}). */
    public Pool1dParameters withCeil(boolean partialWindows) {
        return new Pool1dParameters(kernel, stride, before, after, dilation, partialWindows, countPadding);
    }

    /** Returns the same with averages that divide by the padding too, or not (PyTorch's {@code count_include_pad}). */
    public Pool1dParameters withCountPadding(boolean counted) {
        return new Pool1dParameters(kernel, stride, before, after, dilation, ceil, counted);
    }

    /** Returns the same for images of one row. */
    public Pool2dParameters ofOneRow() {
        return new Pool2dParameters(
                1, kernel, 1, stride, new Padding2d(0, 0, before, after), 1, dilation, ceil, countPadding);
    }

    /** Returns the window and what differs from {@link #of}, such as {@code kernel=3, stride=2, padding=1}. */
    @Override
    public String toString() {
        return "kernel=" + kernel + ", stride=" + stride
                + (before == 0 && after == 0 ? "" : ", padding=" + before + (before == after ? "" : "+" + after))
                + (dilation == 1 ? "" : ", dilation=" + dilation)
                + (ceil ? ", ceil" : "")
                + (countPadding ? "" : ", padding not counted");
    }
}
