package org.alborz.type;

/**
 * How a two-dimensional convolution walks its input.
 *
 * @param strideH rows from one output to the next, at least 1
 * @param strideW columns from one output to the next, at least 1
 * @param paddingH rows of zeros above and below
 * @param paddingW columns of zeros left and right
 * @param dilationH rows from one weight to the next, at least 1
 * @param dilationW columns from one weight to the next, at least 1
 * @param groups how many independent convolutions share the channels
 */
public record Conv2dParameters(
        int strideH, int strideW, int paddingH, int paddingW, int dilationH, int dilationW, int groups) {
    /** Returns stride 1, no padding, no dilation, one group. */
    public static Conv2dParameters defaults() {
        return new Conv2dParameters(1, 1, 0, 0, 1, 1, 1);
    }

    /** Returns the same with a stride along both axes. */
    public Conv2dParameters withStride(int stride) {
        return new Conv2dParameters(stride, stride, paddingH, paddingW, dilationH, dilationW, groups);
    }

    /** Returns the same with so many zeros on every side. */
    public Conv2dParameters withPadding(int padding) {
        return new Conv2dParameters(strideH, strideW, padding, padding, dilationH, dilationW, groups);
    }

    /** Returns the same with a dilation along both axes. */
    public Conv2dParameters withDilation(int dilation) {
        return new Conv2dParameters(strideH, strideW, paddingH, paddingW, dilation, dilation, groups);
    }

    /** Returns the same with a number of groups. */
    public Conv2dParameters withGroups(int number) {
        return new Conv2dParameters(strideH, strideW, paddingH, paddingW, dilationH, dilationW, number);
    }

    public Conv2dParameters {
        if (strideH < 1
                || strideW < 1
                || dilationH < 1
                || dilationW < 1
                || groups < 1
                || paddingH < 0
                || paddingW < 0) {
            throw new IllegalArgumentException(
                    "Conv2d expects stride, dilation and groups of at least 1 and padding of at least"
                            + " 0, got stride " + strideH + "x" + strideW + ", padding " + paddingH + "x" + paddingW
                            + ", dilation "
                            + dilationH + "x" + dilationW + ", groups " + groups);
        }
    }

    /**
     * Returns the rows of the output: ⌊(H + 2P − D(K − 1) − 1) / S⌋ + 1; 0 where the filter does not fit.
     *
     * @throws IllegalArgumentException when the image with its padding has more than 2³¹ − 1 rows, or the kernel none
     */
    public int outputH(int inputH, int kernelH) {
        return Window.outputSize("height", inputH, kernelH, strideH, paddingH, dilationH);
    }

    /** Returns the columns of the output, likewise. */
    public int outputW(int inputW, int kernelW) {
        return Window.outputSize("width", inputW, kernelW, strideW, paddingW, dilationW);
    }

    /** Returns the stride and what differs from {@link #defaults}, such as {@code stride=1, padding=2x1}. */
    @Override
    public String toString() {
        return Window.text("stride", strideH, strideW)
                + (paddingH == 0 && paddingW == 0 ? "" : ", " + Window.text("padding", paddingH, paddingW))
                + (dilationH == 1 && dilationW == 1 ? "" : ", " + Window.text("dilation", dilationH, dilationW))
                + (groups == 1 ? "" : ", groups=" + groups);
    }
}
