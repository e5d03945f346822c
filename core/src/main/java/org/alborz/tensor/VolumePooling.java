package org.alborz.tensor;

import org.alborz.type.Pool3dParameters;
import org.alborz.type.Shape;

/**
 * Pooling of volumes {@code [N, C, D, H, W]}: of their planes, and of the depth afterwards. Largest elements and means of boxes are the same
 * either way, and so is the first of equal elements, which gets the gradient. Both steps read volumes in the order N, D, H, W, C, in which
 * convolutions of volumes leave them.
 */
final class VolumePooling {
    private VolumePooling() {}

    static Tensor max(Tensor x, Pool3dParameters p) {
        require("maxPool3d", x, p);
        Tensor planes = planes(x).maxPool2d(p.plane());
        return volumes(x, planes, columns(x, planes).maxPool2d(p.depth()));
    }

    static Tensor average(Tensor x, Pool3dParameters p) {
        require("avgPool3d", x, p);
        Tensor wide = Convolutions.widened(x);
        Tensor planes = planes(wide).avgPool2d(p.plane());
        return volumes(x, planes, columns(x, planes).avgPool2d(p.depth())).to(x.dtype());
    }

    static Tensor adaptiveMax(Tensor x, int depth, int height, int width) {
        require("adaptiveMaxPool3d", x, depth, height, width);
        Tensor planes = planes(x).adaptiveMaxPool2d(height, width);
        return volumes(x, planes, columns(x, planes).adaptiveMaxPool2d(depth, height * width));
    }

    static Tensor adaptiveAverage(Tensor x, int depth, int height, int width) {
        require("adaptiveAvgPool3d", x, depth, height, width);
        Tensor wide = Convolutions.widened(x);
        Tensor planes = planes(wide).adaptiveAvgPool2d(height, width);
        return volumes(x, planes, columns(x, planes).adaptiveAvgPool2d(depth, height * width))
                .to(x.dtype());
    }

    /** Returns volumes as images of their planes, {@code [N·D, C, H, W]}. */
    static Tensor planes(Tensor x) {
        Shape s = x.shape();
        return x.permute(0, 2, 3, 4, 1)
                .reshape(s.size(0) * s.size(2), s.size(3), s.size(4), s.size(1))
                .permute(0, 3, 1, 2);
    }

    /** Returns planes {@code [N·D, C, H, W]} of x as images whose rows are planes, {@code [N, C, D, H·W]}. */
    private static Tensor columns(Tensor x, Tensor planes) {
        Shape s = planes.shape();
        return planes.permute(0, 2, 3, 1)
                .reshape(x.shape().size(0), x.shape().size(2), s.size(2) * s.size(3), s.size(1))
                .permute(0, 3, 1, 2);
    }

    /** Returns {@code [N, C, OD, H·W]} as volumes, whose rows and columns are those of the planes. */
    private static Tensor volumes(Tensor x, Tensor planes, Tensor columns) {
        Shape s = planes.shape();
        return columns.permute(0, 2, 3, 1)
                .reshape(x.shape().size(0), columns.shape().size(2), s.size(2), s.size(3), s.size(1))
                .permute(0, 4, 1, 2, 3);
    }

    private static void require(String method, Tensor x, Pool3dParameters p) {
        Shape s = volumes(method, x);
        int depth = p.outputD(s.size(2));
        int height = p.plane().outputH(s.size(3));
        int width = p.plane().outputW(s.size(4));
        if (depth < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(method + " with " + p + " does not fit into input " + x.describe()
                    + "; use a larger input or padding");
        }
        requirePixels(method, x, (long) height * width);
    }

    private static void require(String method, Tensor x, int depth, int height, int width) {
        Shape s = volumes(method, x);
        if (s.size(2) < 1 || s.size(3) < 1 || s.size(4) < 1) {
            throw new IllegalArgumentException(method + " expects volumes of at least one pixel, got " + x.describe());
        }
        if (depth < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(method + " expects a depth, a height and a width of at least 1, got "
                    + depth + "x" + height + "x" + width);
        }
        requirePixels(method, x, (long) height * width);
    }

    private static Shape volumes(String method, Tensor x) {
        if (!x.dtype().isFloating() || x.shape().rank() != 5) {
            throw new IllegalArgumentException(
                    method + " expects floating volumes [N, C, D, H, W], got " + x.describe());
        }
        return x.shape();
    }

    private static void requirePixels(String method, Tensor x, long pixels) {
        long planes = (long) x.shape().size(0) * x.shape().size(2);
        if (pixels > Integer.MAX_VALUE || planes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(method + " expects at most " + Integer.MAX_VALUE
                    + " planes in all and pixels of a plane, got " + planes + " and " + pixels);
        }
    }
}
