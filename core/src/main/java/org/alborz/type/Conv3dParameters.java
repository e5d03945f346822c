package org.alborz.type;

/**
 * How a three-dimensional convolution walks its input: along the depth by these settings, and in each plane as a two-dimensional one.
 *
 * @param strideD planes from one output to the next, at least 1
 * @param front planes of zeros before the input
 * @param back planes of zeros after the input
 * @param dilationD planes from one weight to the next, at least 1
 * @param plane rows, columns and groups
 */
public record Conv3dParameters(int strideD, int front, int back, int dilationD, Conv2dParameters plane) {
    public Conv3dParameters {
        if (plane == null) {
            throw new IllegalArgumentException("Conv3dParameters expects the parameters of a plane, got null");
        }
        if (strideD < 1 || dilationD < 1 || front < 0 || back < 0) {
            throw new IllegalArgumentException(
                    "Conv3d expects stride and dilation of at least 1 and padding of at least 0, got stride " + strideD
                            + ", padding " + front + " and " + back + ", dilation " + dilationD + " along the depth");
        }
    }

    /** Returns stride 1, no padding, no dilation, one group. */
    public static Conv3dParameters defaults() {
        return new Conv3dParameters(1, 0, 0, 1, Conv2dParameters.defaults());
    }

    /** Returns the same with a stride along all three axes. */
    public Conv3dParameters withStride(int stride) {
        return new Conv3dParameters(stride, front, back, dilationD, plane.withStride(stride));
    }

    /** Returns the same with so many zeros on all six sides. */
    public Conv3dParameters withPadding(int zeros) {
        return new Conv3dParameters(strideD, zeros, zeros, dilationD, plane.withPadding(zeros));
    }

    /** Returns the same with a dilation along all three axes. */
    public Conv3dParameters withDilation(int dilation) {
        return new Conv3dParameters(strideD, front, back, dilation, plane.withDilation(dilation));
    }

    /** Returns the same with a number of groups. */
    public Conv3dParameters withGroups(int number) {
        return new Conv3dParameters(strideD, front, back, dilationD, plane.withGroups(number));
    }

    /** Returns the planes of the output: ⌊(depth + P − D(K − 1) − 1) / S⌋ + 1; 0 where the filter does not fit. */
    public int outputD(int inputD, int kernelD) {
        return Window.outputSize("depth", inputD, kernelD, strideD, front, back, dilationD);
    }

    /** Returns the depth's parameters where they differ from a plane's default, and then the plane's. */
    @Override
    public String toString() {
        boolean padded = front > 0 || back > 0;
        return "depth (stride=" + strideD
                + (padded ? ", padding=" + front + (front == back ? "" : "+" + back) : "")
                + (dilationD == 1 ? "" : ", dilation=" + dilationD) + "), " + plane;
    }
}
