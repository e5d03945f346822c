package org.alborz.type;

/**
 * How a two-dimensional pooling walks its input.
 *
 * @param kernelH rows of the window, at least 1
 * @param kernelW columns of the window, at least 1
 * @param strideH rows from one window to the next, at least 1
 * @param strideW columns from one window to the next, at least 1
 * @param paddingH rows added above and below; at most half the window
 * @param paddingW columns added left and right; at most half the window
 */
public record Pool2dParameters(int kernelH, int kernelW, int strideH, int strideW, int paddingH, int paddingW) {
    /** Returns square windows side by side, without padding. */
    public static Pool2dParameters of(int kernel) {
        return new Pool2dParameters(kernel, kernel, kernel, kernel, 0, 0);
    }

    /** Returns the same with a stride along both axes. */
    public Pool2dParameters withStride(int stride) {
        return new Pool2dParameters(kernelH, kernelW, stride, stride, paddingH, paddingW);
    }

    /** Returns the same with a padding on every side, at most half the window. */
    public Pool2dParameters withPadding(int padding) {
        return new Pool2dParameters(kernelH, kernelW, strideH, strideW, padding, padding);
    }

    public Pool2dParameters {
        if (kernelH < 1 || kernelW < 1 || strideH < 1 || strideW < 1 || paddingH < 0 || paddingW < 0) {
            throw new IllegalArgumentException(
                    "Pooling expects kernel and stride of at least 1 and padding of at least 0, got kernel " + kernelH
                            + "x" + kernelW + ", stride " + strideH + "x" + strideW + ", padding " + paddingH + "x"
                            + paddingW);
        }
        if (paddingH > kernelH / 2 || paddingW > kernelW / 2) {
            throw new IllegalArgumentException("Pooling expects padding of at most half the kernel " + kernelH + "x"
                    + kernelW + ", got " + paddingH + "x" + paddingW);
        }
    }

    /**
     * Returns the rows of the output: ⌊(H + 2P − K) / S⌋ + 1; 0 where the window does not fit.
     *
     * @throws IllegalArgumentException when the image with its padding has more than 2³¹ − 1 rows
     */
    public int outputH(int inputH) {
        return Window.outputSize("height", inputH, kernelH, strideH, paddingH, 1);
    }

    /** Returns the columns of the output, likewise. */
    public int outputW(int inputW) {
        return Window.outputSize("width", inputW, kernelW, strideW, paddingW, 1);
    }

    /** Returns the window, such as {@code kernel=3, stride=2, padding=1}; the padding where there is some. */
    @Override
    public String toString() {
        return Window.text("kernel", kernelH, kernelW)
                + ", "
                + Window.text("stride", strideH, strideW)
                + (paddingH == 0 && paddingW == 0 ? "" : ", " + Window.text("padding", paddingH, paddingW));
    }
}
