package org.alborz.tensor;

import org.alborz.backend.Operand;
import org.alborz.ops.AvgPool2dOp;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.ops.MaxPool2dGather;
import org.alborz.ops.MaxPool2dOp;
import org.alborz.ops.Op;
import org.alborz.ops.ScatterAdd;
import org.alborz.text.Given;
import org.alborz.type.Activation;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.DType;
import org.alborz.type.GridPadding;
import org.alborz.type.Interpolation;
import org.alborz.type.Layout;
import org.alborz.type.Padding2d;
import org.alborz.type.PixelPlaces;
import org.alborz.type.Pool1dParameters;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Pool3dParameters;
import org.alborz.type.Shape;

/** Functions of signals {@code [N, C, L]}, images {@code [N, C, H, W]} and volumes {@code [N, C, D, H, W]}. Long, as a list of them. */
abstract class ImageFunctions implements Operand {
    /** Up to this many pixels an image's positions are exact in float32. */
    private static final long EXACT_POSITIONS = 1 << 24;

    private Tensor self() {
        return (Tensor) this;
    }

    // ---- convolution ----

    /** Returns the convolution with stride 1, without padding, of images {@code [N, C, H, W]} with weights {@code [O, C, KH, KW]}. */
    public Tensor conv2d(Tensor weight) {
        return conv2d(weight, null, Conv2dParameters.defaults());
    }

    /**
     * Returns the convolution (cross-correlation) of images {@code [N, C, H, W]}, which is {@code [N, O, OH, OW]}.
     *
     * @param weight {@code [O, C/groups, KH, KW]}
     * @param bias {@code [O]}, or null for none
     */
    public Tensor conv2d(Tensor weight, Tensor bias, Conv2dParameters parameters) {
        return Engine.apply(
                new Conv2dOp(Given.value(parameters, "conv2d", "parameters"), Activation.NONE),
                self(),
                weight,
                bias,
                null);
    }

    /**
     * Returns the convolution of signals {@code [N, C, L]}, which is {@code [N, O, OL]}: a two-dimensional one of images of one row.
     *
     * @param weight {@code [O, C/groups, K]}
     * @param bias {@code [O]}, or null for none
     */
    public Tensor conv1d(Tensor weight, Tensor bias, Conv1dParameters parameters) {
        self().requireOpen();
        requireSignals("conv1d", "weight [O, C/groups, K]", weight, Given.value(parameters, "conv1d", "parameters"));
        return self().unsqueeze(2)
                .conv2d(weight.unsqueeze(2), bias, parameters.ofOneRow())
                .squeeze(2);
    }

    /**
     * Returns the convolution of volumes {@code [N, C, D, H, W]}, which is {@code [N, O, OD, OH, OW]}. The planes that contribute to a plane of the
     * result are copied into channels, so it needs KD times the input's memory.
     *
     * @param weight {@code [O, C/groups, KD, KH, KW]}
     * @param bias {@code [O]}, or null for none
     */
    public Tensor conv3d(Tensor weight, Tensor bias, Conv3dParameters parameters) {
        self().requireOpen();
        Given.value(weight, "conv3d", "a weight");
        return Convolutions.threeDimensional(self(), weight, bias, Given.value(parameters, "conv3d", "parameters"));
    }

    /**
     * Returns the transposed convolution of images {@code [N, in, H, W]}: the gradient of a convolution with respect to its images, as
     * PyTorch's {@code conv_transpose2d}. It is {@code [N, out, OH, OW]} with OH = (H − 1)·S − P + D·(KH − 1) + 1 + output padding, P being
     * the padding on both sides.
     *
     * @param weight {@code [in, out/groups, KH, KW]}
     * @param bias {@code [out]}, or null for none
     * @param parameters of the convolution that it is the transpose of
     * @param outputPadding rows and columns more at the end, less than the stride, since several sizes convolve to one
     */
    public Tensor convTranspose2d(Tensor weight, Tensor bias, Conv2dParameters parameters, int outputPadding) {
        self().requireOpen();
        Given.value(weight, "convTranspose2d", "a weight");
        Given.value(parameters, "convTranspose2d", "parameters");
        return Convolutions.transposed(
                "convTranspose2d", self(), weight, bias, parameters, outputPadding, outputPadding);
    }

    /**
     * Returns the transposed convolution of signals {@code [N, in, L]}, as {@link #convTranspose2d}.
     *
     * @param weight {@code [in, out/groups, K]}
     * @param bias {@code [out]}, or null for none
     */
    public Tensor convTranspose1d(Tensor weight, Tensor bias, Conv1dParameters parameters, int outputPadding) {
        self().requireOpen();
        Given.value(parameters, "convTranspose1d", "parameters");
        requireSignals("convTranspose1d", "weight [in, out/groups, K]", weight, parameters);
        return Convolutions.transposed(
                        "convTranspose1d",
                        self().unsqueeze(2),
                        weight.unsqueeze(2),
                        bias,
                        parameters.ofOneRow(),
                        0,
                        outputPadding)
                .squeeze(2);
    }

    /**
     * Returns the transposed convolution of volumes {@code [N, in, D, H, W]}, as {@link #convTranspose2d}. It needs KD times the memory of the
     * planes of its result.
     *
     * @param weight {@code [in, out/groups, KD, KH, KW]}
     * @param bias {@code [out]}, or null for none
     * @param outputPadding planes, rows and columns more at the end, less than each stride
     */
    public Tensor convTranspose3d(Tensor weight, Tensor bias, Conv3dParameters parameters, int outputPadding) {
        self().requireOpen();
        Given.value(weight, "convTranspose3d", "a weight");
        Given.value(parameters, "convTranspose3d", "parameters");
        return Convolutions.transposed(self(), weight, bias, parameters, outputPadding);
    }

    private void requireSignals(String method, String expected, Tensor weight, Conv1dParameters p) {
        if (Given.value(weight, method, "a weight").shape().rank() != 3) {
            throw new IllegalArgumentException(method + " expects " + expected + ", got " + weight.describe());
        }
        if (shape().rank() != 3) {
            throw new IllegalArgumentException(
                    method + " expects input [N, C, L] with " + p + ", got " + self().describe());
        }
    }

    /**
     * Returns the windows that a convolution of images {@code [N, C, H, W]} looks at, {@code [N, C·KH·KW, OH·OW]} (im2col), as PyTorch's
     * {@code unfold}: its product with weights {@code [O, C·KH·KW]} is the convolution.
     *
     * @param parameters stride, padding and dilation, with one group
     */
    public Tensor unfold(int kernelH, int kernelW, Conv2dParameters parameters) {
        self().requireOpen();
        return new Unfolding("unfold", kernelH, kernelW, parameters).unfold(self());
    }

    /**
     * Returns images {@code [N, C, height, width]} of windows {@code [N, C·KH·KW, OH·OW]}, adding up what {@link #unfold} would read from one pixel
     * (col2im), as PyTorch's {@code fold}.
     *
     * @param parameters stride, padding and dilation, with one group
     */
    public Tensor fold(int height, int width, int kernelH, int kernelW, Conv2dParameters parameters) {
        self().requireOpen();
        return new Unfolding("fold", kernelH, kernelW, parameters).fold(self(), height, width);
    }

    // ---- pooling ----

    /** Returns the largest element of each window of signals {@code [N, C, L]}; padding is never the largest. */
    public Tensor maxPool1d(Pool1dParameters parameters) {
        self().requireOpen();
        return oneRow(
                "maxPool1d",
                new MaxPool2dOp(
                        Given.value(parameters, "maxPool1d", "parameters").ofOneRow()));
    }

    /** Returns the mean of each window of signals {@code [N, C, L]}; zeros of the padding count unless the parameters say otherwise. */
    public Tensor avgPool1d(Pool1dParameters parameters) {
        self().requireOpen();
        return oneRow(
                "avgPool1d",
                new AvgPool2dOp(
                        Given.value(parameters, "avgPool1d", "parameters").ofOneRow()));
    }

    /** Applies an operation of images to signals as images of one row. */
    private Tensor oneRow(String method, Op operation) {
        if (shape().rank() != 3) {
            throw new IllegalArgumentException(method + " expects input [N, C, L], got " + self().describe());
        }
        return Engine.apply(operation, self().unsqueeze(2)).squeeze(2);
    }

    /** Returns the largest element of each window of images {@code [N, C, H, W]}, with a stride of the window's size. */
    public Tensor maxPool2d(int kernel) {
        return maxPool2d(Pool2dParameters.of(kernel));
    }

    /** Returns the largest element of each window of images {@code [N, C, H, W]}. */
    public Tensor maxPool2d(Pool2dParameters parameters) {
        return Engine.apply(new MaxPool2dOp(Given.value(parameters, "maxPool2d", "parameters")), self());
    }

    /**
     * Returns the largest element of each window of images {@code [N, C, H, W]}, and where in the image it is. Only the elements have a
     * gradient.
     */
    public MaxPooled maxPool2dWithIndices(Pool2dParameters parameters) {
        self().requireOpen();
        Tensor y = maxPool2d(parameters);
        boolean exact = (long) shape().size(2) * shape().size(3) <= EXACT_POSITIONS;
        DType type = exact && dtype() != DType.FLOAT64 ? DType.FLOAT32 : DType.FLOAT64;
        Tensor x = self().detach().to(type);
        int count = Math.multiplyExact(shape().size(2), shape().size(3));
        Tensor positions = self().session()
                .arange(count)
                .to(type)
                .reshape(1, 1, shape().size(2), shape().size(3))
                .expand(shape())
                .to(Layout.channelsLast(shape()));
        Tensor places =
                Engine.apply(new MaxPool2dGather(parameters), x, y.detach().to(type), positions);
        return new MaxPooled(y, places.to(DType.INT32));
    }

    /**
     * Puts the elements of {@code [N, C, OH, OW]} back to where they were in images {@code [N, C, height, width]} of zeros, as PyTorch's
     * {@code max_unpool2d}. Elements with the same index, such as those of windows that overlap, are added up.
     *
     * @param indices int32 or int64 of this shape, {@code row · width + column}, such as {@link MaxPooled#indices}
     * @throws IndexOutOfBoundsException if an index is outside of the image, on CUDA at the next wait for the device
     */
    public Tensor maxUnpool2d(Tensor indices, int height, int width) {
        self().requireOpen();
        Given.value(indices, "maxUnpool2d", "indices");
        boolean integers = indices.dtype() == DType.INT32 || indices.dtype() == DType.INT64;
        if (!dtype().isFloating()
                || shape().rank() != 4
                || !integers
                || !indices.shape().equals(shape())) {
            throw new IllegalArgumentException("maxUnpool2d expects floating [N, C, OH, OW] and int32 or int64 indices"
                    + " of that shape, got " + self().describe() + " and " + indices.describe());
        }
        int images = Math.multiplyExact(shape().size(0), shape().size(1));
        if (height < 1 || width < 1 || (double) height * width * Math.max(1, images) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("maxUnpool2d expects a height and a width of at least 1 and a result of"
                    + " at most " + Integer.MAX_VALUE + " elements, got " + height + "x" + width + " for " + shape());
        }
        int pixels = height * width;
        Tensor first = self().session().arange(images).mul(pixels).reshape(images, 1);
        // Looked up, so that an index outside of its image is refused.
        Tensor places =
                self().session().arange(pixels).gather(0, indices.reshape(images, shape().size(2) * shape().size(3)));
        return Engine.apply(
                        new ScatterAdd(0, images * pixels),
                        self().reshape((int) shape().elements()),
                        places.add(first).reshape((int) shape().elements()))
                .reshape(shape().size(0), shape().size(1), height, width);
    }

    /** Returns the mean of each window of images {@code [N, C, H, W]}, with a stride of the window's size. */
    public Tensor avgPool2d(int kernel) {
        return avgPool2d(Pool2dParameters.of(kernel));
    }

    /** Returns the mean of each window of images {@code [N, C, H, W]}; zeros of the padding count unless the parameters say otherwise. */
    public Tensor avgPool2d(Pool2dParameters parameters) {
        return Engine.apply(new AvgPool2dOp(Given.value(parameters, "avgPool2d", "parameters")), self());
    }

    /**
     * Returns means of windows of images {@code [N, C, H, W]} that adapt to a given size of the result: window i goes from row ⌊i·H/height⌋
     * to before ⌈(i + 1)·H/height⌉, as PyTorch's {@code adaptive_avg_pool2d}.
     */
    public Tensor adaptiveAvgPool2d(int height, int width) {
        self().requireOpen();
        return Resizing.adaptiveAverage(self(), height, width);
    }

    /** Returns the largest elements of windows that adapt to a given size of the result, as {@link #adaptiveAvgPool2d}. */
    public Tensor adaptiveMaxPool2d(int height, int width) {
        self().requireOpen();
        return Resizing.adaptiveMax(self(), height, width);
    }

    /** Returns the largest element of each window of volumes {@code [N, C, D, H, W]}. */
    public Tensor maxPool3d(Pool3dParameters parameters) {
        self().requireOpen();
        return VolumePooling.max(self(), Given.value(parameters, "maxPool3d", "parameters"));
    }

    /** Returns the mean of each window of volumes {@code [N, C, D, H, W]}, as {@link #avgPool2d(Pool2dParameters)}. */
    public Tensor avgPool3d(Pool3dParameters parameters) {
        self().requireOpen();
        return VolumePooling.average(self(), Given.value(parameters, "avgPool3d", "parameters"));
    }

    /** Returns means of windows of volumes {@code [N, C, D, H, W]} that adapt to a given size, as {@link #adaptiveAvgPool2d}. */
    public Tensor adaptiveAvgPool3d(int depth, int height, int width) {
        self().requireOpen();
        return VolumePooling.adaptiveAverage(self(), depth, height, width);
    }

    /** Returns the largest elements of windows of volumes that adapt to a given size of the result. */
    public Tensor adaptiveMaxPool3d(int depth, int height, int width) {
        self().requireOpen();
        return VolumePooling.adaptiveMax(self(), depth, height, width);
    }

    // ---- other sizes and places ----

    /** Returns images of another size with half-pixel centres, as {@link #interpolate(int, int, Interpolation, boolean)}. */
    public Tensor interpolate(int height, int width, Interpolation mode) {
        return interpolate(height, width, mode, false);
    }

    /**
     * Returns images {@code [N, C, H, W]} of another size, as PyTorch's {@code interpolate}. Where an axis is multiplied by a matrix, in all
     * modes but the nearest, an infinity or NaN spreads along it.
     *
     * @param alignCorners whether the centres of the corner pixels coincide, rather than the images' corners (PyTorch's
     *     {@code align_corners}); not for the nearest pixel
     */
    public Tensor interpolate(int height, int width, Interpolation mode, boolean alignCorners) {
        self().requireOpen();
        return Resizing.interpolate(
                self(), height, width, Given.value(mode, "interpolate", "a way to interpolate"), alignCorners);
    }

    /**
     * Returns the values of images {@code [N, C, H, W]} at given places, {@code [N, C, OH, OW]}, as PyTorch's {@code grid_sample}
     * (Jaderberg et al. 2015). Both have gradients.
     *
     * @param grid column and row of each place {@code [N, OH, OW, 2]}, from −1 at the left or upper border to 1 at the other; NaN counts as
     *     −1
     * @param mode {@code BILINEAR} or {@code NEAREST}, which is the nearest pixel and of two the one with the even number
     * @param padding what is outside of the image
     * @param alignCorners whether −1 and 1 are the centres of the outermost pixels, rather than their outer borders
     */
    public Tensor gridSample(Tensor grid, Interpolation mode, GridPadding padding, boolean alignCorners) {
        self().requireOpen();
        return GridSampling.sample(
                self(),
                Given.value(grid, "gridSample", "a grid"),
                Given.value(mode, "gridSample", "a way to interpolate"),
                Given.value(padding, "gridSample", "a padding"),
                alignCorners);
    }

    /**
     * Returns images {@code [N, C, H, W]} mirrored at their borders, whose own pixels are not repeated, as PyTorch's padding mode
     * {@code reflect}.
     *
     * @param padding on each side less than the image's size along that axis
     */
    public Tensor reflectionPad2d(Padding2d padding) {
        self().requireOpen();
        Given.value(padding, "reflectionPad2d", "a padding");
        Shape s = shape();
        boolean fits = s.rank() == 4
                && Math.max(padding.top(), padding.bottom()) < s.size(2)
                && Math.max(padding.left(), padding.right()) < s.size(3);
        if (!fits) {
            throw new IllegalArgumentException("reflectionPad2d expects [N, C, H, W] with more pixels along each axis"
                    + " than its padding, got " + self().describe() + " and " + padding);
        }
        return Resizing.chosen(
                self(),
                PixelPlaces.mirrored(s.size(2), padding.top(), padding.bottom()),
                PixelPlaces.mirrored(s.size(3), padding.left(), padding.right()));
    }

    /**
     * Moves channels to pixels (Shi et al. 2016): {@code [N, C·r², H, W]} becomes {@code [N, C, H·r, W·r]}, as PyTorch's
     * {@code pixel_shuffle}.
     *
     * @param factor r, at least 1
     */
    public Tensor pixelShuffle(int factor) {
        self().requireOpen();
        Shape s = shape();
        if (factor < 1 || s.rank() != 4 || s.size(1) % ((long) factor * factor) != 0) {
            throw new IllegalArgumentException("pixelShuffle expects a factor of at least 1 and [N, C, H, W] with"
                    + " channels divisible by its square, got " + factor + " and " + self().describe());
        }
        int channels = s.size(1) / (factor * factor);
        return self().reshape(s.size(0), channels, factor, factor, s.size(2), s.size(3))
                .permute(0, 1, 4, 2, 5, 3)
                .reshape(s.size(0), channels, size(s.size(2), factor), size(s.size(3), factor));
    }

    /**
     * Moves pixels to channels: {@code [N, C, H·r, W·r]} becomes {@code [N, C·r², H, W]}, the inverse of {@link #pixelShuffle}.
     *
     * @param factor r, at least 1
     */
    public Tensor pixelUnshuffle(int factor) {
        self().requireOpen();
        Shape s = shape();
        if (factor < 1 || s.rank() != 4 || s.size(2) % factor != 0 || s.size(3) % factor != 0) {
            throw new IllegalArgumentException("pixelUnshuffle expects a factor of at least 1 and [N, C, H, W] with"
                    + " height and width divisible by it, got " + factor + " and " + self().describe());
        }
        int h = s.size(2) / factor;
        int w = s.size(3) / factor;
        return self().reshape(s.size(0), s.size(1), h, factor, w, factor)
                .permute(0, 1, 3, 5, 2, 4)
                .reshape(s.size(0), size(size(s.size(1), factor), factor), h, w);
    }

    private int size(int size, int factor) {
        long result = (long) size * factor;
        if (result > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A shuffle of pixels of " + self().describe() + " expects at most "
                    + Integer.MAX_VALUE + " elements along each axis, got " + result);
        }
        return (int) result;
    }
}
