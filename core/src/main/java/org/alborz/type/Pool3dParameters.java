package org.alborz.type;

/**
 * How a three-dimensional pooling walks its input: along the depth by these settings, and in each plane as a two-dimensional one, whose
 * {@code ceil} and {@code countPadding} hold for the depth as well.
 *
 * @param kernelD planes of the window, at least 1
 * @param strideD planes from one window to the next, at least 1
 * @param front planes added before the input, at most half the window
 * @param back planes added after the input, at most half the window
 * @param dilationD planes from one element of a window to the next, at least 1
 * @param plane rows and columns
 */
public record Pool3dParameters(int kernelD, int strideD, int front, int back, int dilationD, Pool2dParameters plane) {
    public Pool3dParameters {
        if (plane == null) {
            throw new IllegalArgumentException("Pool3dParameters expects the parameters of a plane, got null");
        }
        if (kernelD < 1 || strideD < 1 || dilationD < 1) {
            throw new IllegalArgumentException("Pooling expects kernel, stride and dilation of at least 1, got kernel "
                    + kernelD + ", stride " + strideD + ", dilation " + dilationD + " along the depth");
        }
        if (front < 0 || back < 0 || Math.max(front, back) > kernelD / 2) {
            throw new IllegalArgumentException("Pooling expects padding of 0 to half the kernel " + kernelD
                    + " along the depth, got " + front + " and " + back);
        }
    }

    /** Returns cubic windows side by side, without padding. */
    public static Pool3dParameters of(int kernel) {
        return of(kernel, kernel, kernel);
    }

    /** Returns windows side by side, without padding. */
    public static Pool3dParameters of(int kernelD, int kernelH, int kernelW) {
        return new Pool3dParameters(kernelD, kernelD, 0, 0, 1, Pool2dParameters.of(kernelH, kernelW));
    }

    /** Returns the same with a stride along all three axes. */
    public Pool3dParameters withStride(int stride) {
        return new Pool3dParameters(kernelD, stride, front, back, dilationD, plane.withStride(stride));
    }

    /** Returns the same with a padding on all six sides, at most half the window. */
    public Pool3dParameters withPadding(int size) {
        return new Pool3dParameters(kernelD, strideD, size, size, dilationD, plane.withPadding(size));
    }

    /** Returns the same with a dilation along all three axes. */
    public Pool3dParameters withDilation(int dilation) {
        return new Pool3dParameters(kernelD, strideD, front, back, dilation, plane.withDilation(dilation));
    }

    /** Returns the same with or without last windows that are not whole (PyTorch's {@code ceil_mode}). */
    public Pool3dParameters withCeil(boolean partialWindows) {
        return new Pool3dParameters(kernelD, strideD, front, back, dilationD, plane.withCeil(partialWindows));
    }

    /** Returns the same with averages that divide by the padding too, or not (PyTorch's {@code count_include_pad}). */
    public Pool3dParameters withCountPadding(boolean counted) {
        return new Pool3dParameters(kernelD, strideD, front, back, dilationD, plane.withCountPadding(counted));
    }

    /** Returns the pooling along the depth, as one of the rows of images. */
    public Pool2dParameters depth() {
        return new Pool2dParameters(
                kernelD,
                1,
                strideD,
                1,
                new Padding2d(front, back, 0, 0),
                dilationD,
                1,
                plane.ceil(),
                plane.countPadding());
    }

    /** Returns the planes of the output: ⌊(depth + P − D(K − 1) − 1) / S⌋ + 1, rounded up with ceil; 0 where the window does not fit. */
    public int outputD(int inputD) {
        return plane.ceil()
                ? Window.outputSizeRoundedUp("depth", inputD, kernelD, strideD, front, back, dilationD)
                : Window.outputSize("depth", inputD, kernelD, strideD, front, back, dilationD);
    }

    /** Returns the depth's parameters and then the plane's. */
    @Override
    public String toString() {
        boolean padded = front > 0 || back > 0;
        return "depth (kernel=" + kernelD + ", stride=" + strideD
                + (padded ? ", padding=" + front + (front == back ? "" : "+" + back) : "")
                + (dilationD == 1 ? "" : ", dilation=" + dilationD) + "), " + plane;
    }
}
