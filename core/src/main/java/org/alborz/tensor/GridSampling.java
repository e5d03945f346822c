package org.alborz.tensor;

import org.alborz.type.DType;
import org.alborz.type.GridPadding;
import org.alborz.type.Interpolation;
import org.alborz.type.Shape;

/** Images sampled at places that a grid gives, from −1 to 1 across the image (Jaderberg et al. 2015; PyTorch's {@code grid_sample}). */
final class GridSampling {
    private final Tensor pixels; // [N·H·W, C]
    private final Tensor firstPixels; // [N, 1, 1]: the first pixel of each image
    private final int height;
    private final int width;

    private GridSampling(Tensor x) {
        Shape s = x.shape();
        height = s.size(2);
        width = s.size(3);
        int images = s.size(0);
        pixels = x.permute(0, 2, 3, 1).reshape(images * height * width, s.size(1));
        int[] first = new int[images];
        for (int n = 0; n < images; n++) {
            first[n] = n * height * width;
        }
        firstPixels = x.session().constants().of(first, Shape.of(images, 1, 1));
    }

    static Tensor sample(Tensor x, Tensor grid, Interpolation mode, GridPadding padding, boolean alignCorners) {
        require(x, grid, mode);
        Tensor places = Convolutions.widened(grid);
        places = places.maskedFill(places.isNaN(), -1);
        GridSampling sampling = new GridSampling(Convolutions.widened(x));
        Tensor column = place(places.select(3, 0), sampling.width, padding, alignCorners);
        Tensor row = place(places.select(3, 1), sampling.height, padding, alignCorners);
        Tensor y = mode == Interpolation.BILINEAR
                ? sampling.bilinear(row, column)
                : sampling.corner(roundedToEven(row), roundedToEven(column), null);
        return y.permute(0, 3, 1, 2).to(x.dtype());
    }

    private static void require(Tensor x, Tensor grid, Interpolation mode) {
        Shape s = x.shape();
        Shape g = grid.shape();
        if (!x.dtype().isFloating() || s.rank() != 4 || s.size(2) < 1 || s.size(3) < 1) {
            throw new IllegalArgumentException(
                    "gridSample expects floating images [N, C, H, W] of at least one pixel, got " + x.describe());
        }
        if (grid.dtype() != x.dtype() || g.rank() != 4 || g.size(0) != s.size(0) || g.size(3) != 2) {
            throw new IllegalArgumentException("gridSample expects a grid [" + s.size(0) + ", OH, OW, 2] of "
                    + x.dtype() + ", got " + grid.describe());
        }
        if (mode != Interpolation.BILINEAR && mode != Interpolation.NEAREST) {
            throw new IllegalArgumentException("gridSample expects BILINEAR or NEAREST, got " + mode);
        }
        if (s.elements() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "gridSample expects at most " + Integer.MAX_VALUE + " numbers, got images " + s);
        }
    }

    /** Returns where a coordinate from −1 to 1 is among the pixels of an axis. */
    private static Tensor place(Tensor coordinate, int size, GridPadding padding, boolean alignCorners) {
        Tensor place = alignCorners
                ? coordinate.add(1).mul((size - 1) / 2.0)
                : coordinate.add(1).mul(size / 2.0).add(-0.5);
        return padding == GridPadding.BORDER ? place.clamp(0, size - 1) : place;
    }

    private Tensor bilinear(Tensor row, Tensor column) {
        Tensor top = roundedDown(row);
        Tensor left = roundedDown(column);
        Tensor down = row.sub(top);
        Tensor across = column.sub(left);
        Tensor up = down.neg().add(1);
        Tensor back = across.neg().add(1);
        return corner(top, left, up.mul(back))
                .add(corner(top, left.add(1), up.mul(across)))
                .add(corner(top.add(1), left, down.mul(back)))
                .add(corner(top.add(1), left.add(1), down.mul(across)));
    }

    /** Returns the pixels {@code [N, OH, OW, C]} at whole rows and columns, times weights unless these are null; 0 outside. */
    private Tensor corner(Tensor row, Tensor column, Tensor weights) {
        Tensor inside = row.ge(0).and(row.le(height - 1)).and(column.ge(0)).and(column.le(width - 1));
        Tensor at = row.clamp(0, height - 1)
                .to(DType.INT32)
                .mul(width)
                .add(column.clamp(0, width - 1).to(DType.INT32))
                .add(firstPixels);
        Tensor found = pixels.gather(0, at);
        Tensor weighted = weights == null ? found : found.mul(weights.unsqueeze(3));
        return weighted.maskedFill(inside.not().unsqueeze(3), 0);
    }

    /** Returns whole numbers, through which no gradient goes. */
    private static Tensor roundedDown(Tensor x) {
        Tensor value = x.detach();
        Tensor truncated = value.to(DType.INT32).to(value.dtype());
        return Tensor.where(truncated.gt(value), truncated.add(-1), truncated);
    }

    /** Returns the nearest whole numbers, the even one of two. */
    private static Tensor roundedToEven(Tensor x) {
        Tensor value = x.detach();
        Tensor low = roundedDown(value);
        Tensor rest = value.sub(low);
        Tensor odd = low.sub(roundedDown(low.mul(0.5)).mul(2)).eq(1);
        Tensor up = rest.gt(0.5).or(rest.eq(0.5).and(odd));
        return Tensor.where(up, low.add(1), low);
    }
}
