package org.alborz.type;

/**
 * How a one-dimensional convolution walks its input.
 *
 * @param stride elements from one output to the next, at least 1
 * @param before zeros before the input
 * @param after zeros after the input
 * @param dilation elements from one weight to the next, at least 1
 * @param groups how many independent convolutions share the channels
 */
public record Conv1dParameters(int stride, int before, int after, int dilation, int groups) {
    public Conv1dParameters {
        if (stride < 1 || dilation < 1 || groups < 1 || before < 0 || after < 0) {
            throw new IllegalArgumentException(
                    "Conv1d expects stride, dilation and groups of at least 1 and padding of at least 0, got stride "
                            + stride + ", padding " + before + " and " + after + ", dilation " + dilation + ", groups "
                            + groups);
        }
    }

    /** Returns stride 1, no padding, no dilation, one group. */
    public static Conv1dParameters defaults() {
        return new Conv1dParameters(1, 0, 0, 1, 1);
    }

    /** Returns the same with a stride. */
    public Conv1dParameters withStride(int elements) {
        return new Conv1dParameters(elements, before, after, dilation, groups);
    }

    /** Returns the same with so many zeros on both sides. */
    public Conv1dParameters withPadding(int zeros) {
        return withPadding(zeros, zeros);
    }

    /** Returns the same with zeros before and after the input; all of them before it make a convolution causal. */
    public Conv1dParameters withPadding(int inFront, int behind) {
        return new Conv1dParameters(stride, inFront, behind, dilation, groups);
    }

    /** Returns the same with a dilation. */
    public Conv1dParameters withDilation(int elements) {
        return new Conv1dParameters(stride, before, after, elements, groups);
    }

    /** Returns the same with a number of groups. */
    public Conv1dParameters withGroups(int number) {
        return new Conv1dParameters(stride, before, after, dilation, number);
    }

    /** Returns the same for images of one row. */
    public Conv2dParameters ofOneRow() {
        return new Conv2dParameters(1, stride, new Padding2d(0, 0, before, after), 1, dilation, groups);
    }

    /** Returns the stride and what differs from {@link #defaults}, such as {@code stride=1, padding=2}. */
    @Override
    public String toString() {
        return "stride=" + stride
                + (before == 0 && after == 0 ? "" : ", padding=" + before + (before == after ? "" : "+" + after))
                + (dilation == 1 ? "" : ", dilation=" + dilation)
                + (groups == 1 ? "" : ", groups=" + groups);
    }
}
