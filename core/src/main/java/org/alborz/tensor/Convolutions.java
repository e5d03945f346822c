package org.alborz.tensor;

import org.alborz.ops.Conv2dBackwardData;
import org.alborz.ops.Engine;
import org.alborz.ops.Pad;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.DType;
import org.alborz.type.Padding2d;
import org.alborz.type.Shape;

/** Convolutions that are composed of two-dimensional ones. */
final class Convolutions {
    private Convolutions() {}

    /** Computes the transposed convolution of x {@code [N, in, H, W]} with weights {@code [in, out/groups, KH, KW]}, for the operation that messages name. */
    static Tensor transposed(
            String operation,
            Tensor x,
            Tensor weight,
            Tensor bias,
            Conv2dParameters p,
            int outputPaddingH,
            int outputPaddingW) {
        Shape images = transposedShape(operation, x, weight, p, outputPaddingH, outputPaddingW);
        if (bias != null && !bias.shape().equals(Shape.of(images.size(1)))) {
            throw new IllegalArgumentException(
                    operation + " expects bias [" + images.size(1) + "], got " + bias.describe());
        }
        Tensor y = Engine.apply(new Conv2dBackwardData(p, images), x, weight);
        return bias == null ? y : y.add(bias.reshape(1, images.size(1), 1, 1));
    }

    private static Shape transposedShape(
            String operation, Tensor x, Tensor weight, Conv2dParameters p, int outputPaddingH, int outputPaddingW) {
        Shape w = weight.shape();
        if (w.rank() != 4 || w.size(0) % p.groups() != 0) {
            throw new IllegalArgumentException(operation + " expects weight [in, out/groups, KH, KW] with in"
                    + " divisible by " + p.groups() + " groups, got " + weight.describe());
        }
        Shape shape = x.shape();
        if (shape.rank() != 4 || shape.size(1) != w.size(0) || shape.size(2) < 1 || shape.size(3) < 1) {
            throw new IllegalArgumentException(operation + " expects input [N, " + w.size(0)
                    + ", H, W] of at least one pixel, got " + x.describe());
        }
        if (outputPaddingH < 0
                || outputPaddingW < 0
                || outputPaddingH >= p.strideH()
                || outputPaddingW >= p.strideW()) {
            throw new IllegalArgumentException(operation + " expects an output padding of at least 0 and less than"
                    + " the stride " + p.strideH() + "x" + p.strideW() + ", got " + outputPaddingH + "x"
                    + outputPaddingW);
        }
        Padding2d padding = p.padding();
        int h = transposedSize(
                operation,
                shape.size(2),
                w.size(2),
                p.strideH(),
                (long) padding.top() + padding.bottom(),
                p.dilationH(),
                outputPaddingH,
                p);
        int wide = transposedSize(
                operation,
                shape.size(3),
                w.size(3),
                p.strideW(),
                (long) padding.left() + padding.right(),
                p.dilationW(),
                outputPaddingW,
                p);
        long channels = (long) w.size(1) * p.groups();
        if (channels > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    operation + " expects at most " + Integer.MAX_VALUE + " output channels, got " + channels);
        }
        return Shape.of(shape.size(0), (int) channels, h, wide);
    }

    private static int transposedSize(
            String operation,
            int size,
            int kernel,
            int stride,
            long padding,
            int dilation,
            int outputPadding,
            Conv2dParameters p) {
        long result = (size - 1L) * stride - padding + (long) dilation * (kernel - 1L) + 1 + outputPadding;
        if (kernel < 1 || result < 1 || result > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(operation + " expects a kernel of at least 1 and a result of 1 to "
                    + Integer.MAX_VALUE + " rows and columns, got kernel " + kernel + " and " + result + " with " + p);
        }
        return (int) result;
    }

    /**
     * Computes the convolution of x {@code [N, C, D, H, W]} with weights {@code [O, C/groups, KD, KH, KW]}: the KD planes that contribute to a
     * plane of the result are copied into channels, and convolved in two dimensions.
     */
    static Tensor threeDimensional(Tensor x, Tensor weight, Tensor bias, Conv3dParameters p) {
        requireVolumes(x, weight, p);
        int groups = p.plane().groups();
        int n = x.shape().size(0);
        int inGroup = weight.shape().size(1);
        int planes = weight.shape().size(2);
        int height = x.shape().size(3);
        int width = x.shape().size(4);
        int depth = p.outputD(x.shape().size(2), planes);
        if (depth < 1) {
            throw new IllegalArgumentException("conv3d's kernel of " + planes + " planes with " + p
                    + " does not fit into input " + x.describe() + "; use a deeper input or padding");
        }
        // [N, D, H, W, groups, 1, C/groups]
        Tensor padded = p.front() == 0 && p.back() == 0 ? x : x.pad(2, p.front(), p.back());
        Tensor pixels =
                padded.permute(0, 2, 3, 4, 1).reshape(n, padded.shape().size(2), height, width, groups, 1, inGroup);
        Tensor[] parts = new Tensor[planes];
        for (int k = 0; k < planes; k++) {
            int first = k * p.dilationD();
            parts[k] = pixels.slice(1, first, first + (depth - 1) * p.strideD() + 1, p.strideD());
        }
        int channels = Math.multiplyExact(groups * inGroup, planes);
        Tensor images = (planes == 1 ? parts[0] : Tensor.concat(5, parts))
                .reshape(n * depth, height, width, channels)
                .permute(0, 3, 1, 2);
        Shape w = weight.shape();
        Tensor filter = weight.permute(0, 2, 1, 3, 4).reshape(w.size(0), planes * inGroup, w.size(3), w.size(4));
        Tensor y = images.conv2d(filter, bias, p.plane());
        Shape result = y.shape();
        return y.reshape(n, depth, result.size(1), result.size(2), result.size(3))
                .permute(0, 2, 1, 3, 4);
    }

    /**
     * Computes the transposed convolution of x {@code [N, in, D, H, W]} with weights {@code [in, out/groups, KD, KH, KW]}: planes are transposed
     * in two dimensions, to KD results for each output channel, and added up where they stand along the depth.
     */
    static Tensor transposed(Tensor x, Tensor weight, Tensor bias, Conv3dParameters p, int outputPadding) {
        int depth = transposedDepth(x, weight, bias, p, outputPadding);
        Shape s = x.shape();
        Shape w = weight.shape();
        int groups = p.plane().groups();
        int planes = w.size(2);
        int outGroup = w.size(1);
        int whole = p.front() + depth + p.back();
        try (Scope scope = x.session().scope("convTranspose3d")) {
            Tensor filter = weight.permute(0, 2, 1, 3, 4).reshape(s.size(1), planes * outGroup, w.size(3), w.size(4));
            Tensor y = transposed(
                    "convTranspose3d", VolumePooling.planes(x), filter, null, p.plane(), outputPadding, outputPadding);
            int h = y.shape().size(2);
            int wide = y.shape().size(3);
            // [N, D, OH, OW, groups, KD, out/groups]
            Tensor parts = y.permute(0, 2, 3, 1).reshape(s.size(0), s.size(2), h, wide, groups, planes, outGroup);
            Tensor sum = null;
            for (int k = 0; k < planes; k++) {
                Tensor part = Engine.apply(new Pad(1, k * p.dilationD(), p.strideD(), whole), parts.select(5, k));
                sum = sum == null ? part : sum.add(part);
            }
            int out = groups * outGroup;
            Tensor pixels = sum.narrow(1, p.front(), depth).reshape(s.size(0), depth, h, wide, out);
            return scope.keep((bias == null ? pixels : pixels.add(bias)).permute(0, 4, 1, 2, 3));
        }
    }

    /** Refuses what does not fit and returns the planes of the result; rows and columns are checked with the planes. */
    private static int transposedDepth(Tensor x, Tensor weight, Tensor bias, Conv3dParameters p, int outputPadding) {
        Shape w = weight.shape();
        int groups = p.plane().groups();
        if (w.rank() != 5 || w.size(0) % groups != 0 || w.size(2) < 1) {
            throw new IllegalArgumentException("convTranspose3d expects weight [in, out/groups, KD, KH, KW] with in"
                    + " divisible by " + groups + " groups, got " + weight.describe());
        }
        Shape s = x.shape();
        if (s.rank() != 5 || s.size(1) != w.size(0) || s.size(2) < 1) {
            throw new IllegalArgumentException("convTranspose3d expects input [N, " + w.size(0)
                    + ", D, H, W] of at least one plane, got " + x.describe());
        }
        long out = (long) w.size(1) * groups;
        if (bias != null && !(bias.shape().rank() == 1 && bias.shape().size(0) == out)) {
            throw new IllegalArgumentException("convTranspose3d expects bias [" + out + "], got " + bias.describe());
        }
        if (outputPadding < 0 || outputPadding >= p.strideD()) {
            throw new IllegalArgumentException("convTranspose3d expects an output padding of at least 0 and less than"
                    + " the stride " + p.strideD() + ", got " + outputPadding);
        }
        long whole = (s.size(2) - 1L) * p.strideD() + p.dilationD() * (w.size(2) - 1L) + 1 + outputPadding;
        long depth = whole - p.front() - p.back();
        long images = (long) s.size(0) * s.size(2);
        if (depth < 1 || Math.max(Math.max(whole, images), out * w.size(2)) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("convTranspose3d expects a result of at least one plane, and at most "
                    + Integer.MAX_VALUE + " planes in all and channels times kernel planes, got " + depth + ", "
                    + Math.max(whole, images) + " and " + out * w.size(2) + " with " + p);
        }
        return (int) depth;
    }

    private static void requireVolumes(Tensor x, Tensor weight, Conv3dParameters p) {
        Shape w = weight.shape();
        if (w.rank() != 5) {
            throw new IllegalArgumentException(
                    "conv3d expects weight [O, C/groups, KD, KH, KW], got " + weight.describe());
        }
        long channels = (long) w.size(1) * p.plane().groups();
        if (x.shape().rank() != 5 || x.shape().size(1) != channels) {
            throw new IllegalArgumentException(
                    "conv3d expects input [N, " + channels + ", D, H, W], got " + x.describe());
        }
        long images = (long) x.shape().size(0) * p.outputD(x.shape().size(2), w.size(2));
        if (images > Integer.MAX_VALUE || channels * w.size(2) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("conv3d expects at most " + Integer.MAX_VALUE
                    + " planes in all and channels times kernel planes, got " + images + " and "
                    + channels * w.size(2));
        }
    }

    /** Returns a floating tensor in a type that sums and coordinates are exact enough in: float32 for 16 bits. */
    static Tensor widened(Tensor x) {
        return x.dtype() == DType.FLOAT16 || x.dtype() == DType.BFLOAT16 ? x.to(DType.FLOAT32) : x;
    }
}
