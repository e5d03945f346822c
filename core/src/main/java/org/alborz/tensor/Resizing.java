package org.alborz.tensor;

import org.alborz.type.Interpolation;
import org.alborz.type.PixelPlaces;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/**
 * Images {@code [N, C, H, W]} of another size. It is separable, so each axis is a product with a matrix of weights, or a choice of pixels;
 * axes are kept in the order N, H, W, C, in which images are stored.
 */
final class Resizing {
    /** The most weights in a matrix: 64 million. */
    private static final long MOST_WEIGHTS = 1 << 26;

    private Resizing() {}

    static Tensor interpolate(Tensor x, int height, int width, Interpolation mode, boolean alignCorners) {
        require("interpolate", x, height, width);
        if (alignCorners && mode.isNearest()) {
            throw new IllegalArgumentException(
                    "interpolate aligns corners with bilinear and bicubic interpolation, got " + mode
                            + "; use alignCorners false");
        }
        int h = x.shape().size(2);
        int w = x.shape().size(3);
        return switch (mode) {
            case NEAREST, NEAREST_EXACT -> nearest(x, height, width, mode == Interpolation.NEAREST_EXACT);
            case BILINEAR ->
                weighted(
                        x,
                        h == height ? null : PixelPlaces.linear(h, height, alignCorners),
                        w == width ? null : PixelPlaces.linear(w, width, alignCorners));
            case BICUBIC ->
                weighted(
                        x,
                        h == height ? null : PixelPlaces.cubic(h, height, alignCorners),
                        w == width ? null : PixelPlaces.cubic(w, width, alignCorners));
        };
    }

    static Tensor adaptiveAverage(Tensor x, int height, int width) {
        require("adaptiveAvgPool2d", x, height, width);
        int h = x.shape().size(2);
        int w = x.shape().size(3);
        if (h % height == 0 && w % width == 0) {
            return x.avgPool2d(Pool2dParameters.of(h / height, w / width));
        }
        return weighted(
                x,
                h == height ? null : PixelPlaces.averages(h, height),
                w == width ? null : PixelPlaces.averages(w, width));
    }

    static Tensor adaptiveMax(Tensor x, int height, int width) {
        require("adaptiveMaxPool2d", x, height, width);
        int h = x.shape().size(2);
        int w = x.shape().size(3);
        if (h % height == 0 && w % width == 0) {
            return x.maxPool2d(Pool2dParameters.of(h / height, w / width));
        }
        // Windows of different sizes become equally large by repeating their last pixel, which changes no maximum.
        int rows = largest(h, height);
        int columns = largest(w, width);
        Tensor apart = chosen(x, windows(h, height, rows), windows(w, width, columns));
        return apart.maxPool2d(Pool2dParameters.of(rows, columns));
    }

    private static int largest(int from, int to) {
        int most = 0;
        for (int i = 0; i < to; i++) {
            most = Math.max(most, PixelPlaces.end(i, from, to) - PixelPlaces.first(i, from, to));
        }
        return most;
    }

    private static int[] windows(int from, int to, int length) {
        int[] places = new int[Math.multiplyExact(to, length)];
        for (int i = 0; i < places.length; i++) {
            int window = i / length;
            int place = PixelPlaces.first(window, from, to) + i % length;
            places[i] = Math.min(place, PixelPlaces.end(window, from, to) - 1);
        }
        return places;
    }

    private static Tensor nearest(Tensor x, int height, int width, boolean exact) {
        int h = x.shape().size(2);
        int w = x.shape().size(3);
        if (height % h == 0 && width % w == 0) {
            return repeated(x, height / h, width / w);
        }
        return chosen(x, PixelPlaces.nearest(h, height, exact), PixelPlaces.nearest(w, width, exact));
    }

    /** Repeats each pixel, which is copied once, and whose gradient is a sum over neighbours. */
    private static Tensor repeated(Tensor x, int rows, int columns) {
        if (rows == 1 && columns == 1) {
            return x;
        }
        Shape s = x.shape();
        return x.permute(0, 2, 3, 1)
                .reshape(s.size(0), s.size(2), 1, s.size(3), 1, s.size(1))
                .expand(Shape.of(s.size(0), s.size(2), rows, s.size(3), columns, s.size(1)))
                .reshape(s.size(0), s.size(2) * rows, s.size(3) * columns, s.size(1))
                .permute(0, 3, 1, 2);
    }

    /** Returns the rows and columns at the given places. */
    static Tensor chosen(Tensor x, int[] rows, int[] columns) {
        KeptConstants constants = x.session().constants();
        Tensor pixels = x.permute(0, 2, 3, 1);
        return pixels.gather(1, constants.of(rows, Shape.of(rows.length)))
                .gather(2, constants.of(columns, Shape.of(columns.length)))
                .permute(0, 3, 1, 2);
    }

    /** Multiplies the columns of images by {@code rows} and their rows by {@code columns}; null for an axis that stays. */
    private static Tensor weighted(Tensor x, double[][] rows, double[][] columns) {
        Tensor pixels = Convolutions.widened(x).permute(0, 2, 3, 1);
        boolean shrinks = rows != null && rows.length <= x.shape().size(2);
        Tensor first = shrinks ? alongRows(pixels, rows) : alongColumns(pixels, columns);
        Tensor both = shrinks ? alongColumns(first, columns) : alongRows(first, rows);
        return both.permute(0, 3, 1, 2).to(x.dtype());
    }

    /** Computes y[n, i] = Σ weights[i, h] · x[n, h], each a matrix W by C. */
    private static Tensor alongRows(Tensor x, double[][] weights) {
        if (weights == null) {
            return x;
        }
        Shape s = x.shape();
        int inRow = Math.multiplyExact(s.size(2), s.size(3));
        return matrix(x, weights)
                .matmul(x.reshape(s.size(0), s.size(1), inRow))
                .reshape(s.size(0), weights.length, s.size(2), s.size(3));
    }

    /** Computes y[n, h, j] = Σ weights[j, w] · x[n, h, w], each C channels. */
    private static Tensor alongColumns(Tensor x, double[][] weights) {
        return weights == null ? x : matrix(x, weights).matmul(x);
    }

    private static Tensor matrix(Tensor x, double[][] weights) {
        int columns = weights[0].length;
        double[] flat = new double[weights.length * columns];
        for (int i = 0; i < weights.length; i++) {
            System.arraycopy(weights[i], 0, flat, i * columns, columns);
        }
        return x.session().constants().of(flat, x.dtype(), Shape.of(weights.length, columns));
    }

    private static void require(String method, Tensor x, int height, int width) {
        Shape s = x.shape();
        if (!x.dtype().isFloating() || s.rank() != 4 || s.size(2) < 1 || s.size(3) < 1) {
            throw new IllegalArgumentException(
                    method + " expects floating images [N, C, H, W] of at least one pixel, got " + x.describe());
        }
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    method + " expects a height and a width of at least 1, got " + height + "x" + width);
        }
        long most = Math.max((long) height * s.size(2), (long) width * s.size(3));
        if (most > MOST_WEIGHTS || (long) s.size(2) * s.size(3) * s.size(1) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(method + " expects at most " + MOST_WEIGHTS
                    + " pairs of an old and a new row, or column, got images " + s + " and size " + height + "x"
                    + width);
        }
    }
}
