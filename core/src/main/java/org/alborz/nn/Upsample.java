package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Interpolation;

/** Images enlarged by a whole factor r: {@code y[c, i, j] = x[c, (i + ½) / r − ½, (j + ½) / r − ½]}, which is interpolated. */
public final class Upsample implements Fresh {
    private final int factor;
    private final Interpolation mode;
    private final boolean alignCorners;

    /** Makes a layer that repeats pixels. */
    public Upsample(int factor) {
        this(factor, Interpolation.NEAREST);
    }

    /** Makes a layer with half-pixel centres. */
    public Upsample(int factor, Interpolation mode) {
        this(factor, mode, false);
    }

    /**
     * Makes a layer.
     *
     * @param factor how many times as high and as wide the result is, at least 1
     * @param alignCorners whether the centres of the corner pixels coincide (PyTorch's {@code align_corners}); not for the nearest pixel
     */
    public Upsample(int factor, Interpolation mode, boolean alignCorners) {
        if (factor < 1) {
            throw new IllegalArgumentException("Upsample expects a factor of at least 1, got " + factor);
        }
        if (alignCorners
                && Given.value(mode, "Upsample", "a way to interpolate").isNearest()) {
            throw new IllegalArgumentException(
                    "Upsample aligns corners with bilinear and bicubic interpolation, got " + mode);
        }
        this.factor = factor;
        this.mode = Given.value(mode, "Upsample", "a way to interpolate");
        this.alignCorners = alignCorners;
    }

    /** Enlarges {@code [N, C, H, W]} to {@code [N, C, factor·H, factor·W]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() != 4) {
            throw new IllegalArgumentException("Upsample expects input [N, C, H, W], got " + x.describe());
        }
        try (Scope scope = x.session().scope("Upsample")) {
            return scope.keep(x.interpolate(enlarged(x, 2), enlarged(x, 3), mode, alignCorners));
        }
    }

    private int enlarged(Tensor x, int axis) {
        long size = (long) factor * x.shape().size(axis);
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("Upsample by " + factor + " expects a result of at most "
                    + Integer.MAX_VALUE + " rows and columns, got input " + x.describe());
        }
        return (int) size;
    }

    @Override
    public String toString() {
        return "Upsample(" + factor + ", " + mode + (alignCorners ? ", alignCorners" : "") + ")";
    }
}
