package org.alborz.type;

/**
 * How a two-dimensional convolution walks its input.
 *
 * @param strideH rows from one output to the next, at least 1
 * @param strideW columns from one output to the next, at least 1
 * @param padding zeros around the image
 * @param dilationH rows from one weight to the next, at least 1
 * @param dilationW columns from one weight to the next, at least 1
 * @param groups how many independent convolutions share the channels
 */
public record Conv2dParameters(int strideH, int strideW, Padding2d padding, int dilationH, int dilationW, int groups) {
    /** Makes parameters with {@code paddingH} rows of zeros above and below, and {@code paddingW} columns left and right. */
    public Conv2dParameters(
            int strideH, int strideW, int paddingH, int paddingW, int dilationH, int dilationW, int groups) {
        this(strideH, strideW, Padding2d.of(paddingH, paddingW), dilationH, dilationW, groups);
    }

    /** Returns stride 1, no padding, no dilation, one group. */
    public static Conv2dParameters defaults() {
        return new Conv2dParameters(1, 1, Padding2d.NONE, 1, 1, 1);
    }

    /** Returns the same with a stride along both axes. */
    public Conv2dParameters withStride(int stride) {
        return new Conv2dParameters(stride, stride, padding, dilationH, dilationW, groups);
    }

    /** Returns the same with so many zeros on every side. */
    public Conv2dParameters withPadding(int zeros) {
        return withPadding(Padding2d.of(zeros));
    }

    /** Returns the same with zeros on each side as given. */
    public Conv2dParameters withPadding(Padding2d zeros) {
        return new Conv2dParameters(strideH, strideW, zeros, dilationH, dilationW, groups);
    }

    /** Returns the same with a dilation along both axes. */
    public Conv2dParameters withDilation(int dilation) {
        return new Conv2dParameters(strideH, strideW, padding, dilation, dilation, groups);
    }

    /** Returns the same with a number of groups. */
    public Conv2dParameters withGroups(int number) {
        return new Conv2dParameters(strideH, strideW, padding, dilationH, dilationW, number);
    }

    public Conv2dParameters {
        if (padding == null) {
            throw new IllegalArgumentException("Conv2dParameters expects a padding, got null");
        }
        if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1 || groups < 1) {
            throw new IllegalArgumentException("Conv2d expects stride, dilation and groups of at least 1, got stride "
                    + strideH + "x" + strideW + ", dilation " + dilationH + "x" + dilationW + ", groups " + groups);
        }
    }

    /**
     * Returns the rows of the output: ⌊(H + P − D(K − 1) − 1) / S⌋ + 1 with P zeros above and below together; 0 where the filter does not
     * fit.
     *
     * @throws IllegalArgumentException when the image with its padding has more than 2³¹ − 1 rows, or the kernel none
     */
    public int outputH(int inputH, int kernelH) {
        return Window.outputSize("height", inputH, kernelH, strideH, padding.top(), padding.bottom(), dilationH);
    }

    /** Returns the columns of the output, likewise. */
    public int outputW(int inputW, int kernelW) {
        return Window.outputSize("width", inputW, kernelW, strideW, padding.left(), padding.right(), dilationW);
    }

    /** Returns the stride and what differs from {@link #defaults}, such as {@code stride=1, padding=2x1}. */
    @Override
    public String toString() {
        return Window.text("stride", strideH, strideW)
                + (padding.equals(Padding2d.NONE) ? "" : ", " + padding)
                + (dilationH == 1 && dilationW == 1 ? "" : ", " + Window.text("dilation", dilationH, dilationW))
                + (groups == 1 ? "" : ", groups=" + groups);
    }
}
