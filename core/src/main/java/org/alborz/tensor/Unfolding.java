package org.alborz.tensor;

import org.alborz.ops.Engine;
import org.alborz.ops.Pad;
import org.alborz.text.Given;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Padding2d;
import org.alborz.type.Shape;

/** The windows that a convolution looks at, as columns of a matrix, and back. */
final class Unfolding {
    private final int kernelH;
    private final int kernelW;
    private final Conv2dParameters p;

    Unfolding(String function, int kernelH, int kernelW, Conv2dParameters parameters) {
        this.kernelH = kernelH;
        this.kernelW = kernelW;
        this.p = Given.value(parameters, function, "parameters");
        if (kernelH < 1 || kernelW < 1 || p.groups() != 1) {
            throw new IllegalArgumentException(function + " expects a kernel of at least 1x1 and one group, got "
                    + kernelH + "x" + kernelW + " and " + p.groups());
        }
    }

    /** Returns {@code [N, C·KH·KW, OH·OW]} of images {@code [N, C, H, W]}. */
    Tensor unfold(Tensor images) {
        Shape x = images.shape();
        if (x.rank() != 4) {
            throw new IllegalArgumentException("unfold expects images [N, C, H, W], got " + images.describe());
        }
        int rows = p.outputH(x.size(2), kernelH);
        int columns = p.outputW(x.size(3), kernelW);
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException("unfold expects images that hold a window of " + kernelH + "x" + kernelW
                    + " with " + p + ", got " + images.describe());
        }
        Padding2d around = p.padding();
        Tensor padded = images.pad(2, around.top(), around.bottom()).pad(3, around.left(), around.right());
        Tensor[] places = new Tensor[kernelH * kernelW];
        for (int i = 0; i < places.length; i++) {
            places[i] = window(window(padded, 2, row(i), rows, p.strideH()), 3, column(i), columns, p.strideW());
        }
        return Tensor.stack(2, places)
                .reshape(x.size(0), Math.multiplyExact(x.size(1), places.length), Math.multiplyExact(rows, columns));
    }

    private static Tensor window(Tensor x, int axis, int start, int count, int step) {
        return x.slice(axis, start, start + (count - 1) * step + 1, step);
    }

    /** Returns images {@code [N, C, H, W]}, each pixel the sum of what stands for it in {@code [N, C·KH·KW, OH·OW]}. */
    Tensor fold(Tensor windows, int height, int width) {
        Shape x = windows.shape();
        int rows = p.outputH(height, kernelH);
        int columns = p.outputW(width, kernelW);
        int places = kernelH * kernelW;
        if (x.rank() != 3 || rows < 1 || columns < 1 || x.size(1) % places != 0 || x.size(2) != (long) rows * columns) {
            throw new IllegalArgumentException("fold to " + height + "x" + width + " expects [N, C·" + places + ", "
                    + Math.max(rows, 0) + "·" + Math.max(columns, 0) + "], got " + windows.describe());
        }
        Padding2d around = p.padding();
        int paddedHeight = height + around.top() + around.bottom();
        int paddedWidth = width + around.left() + around.right();
        Tensor byPlace = windows.reshape(x.size(0), x.size(1) / places, places, rows, columns);
        Tensor sum = null;
        for (int i = 0; i < places; i++) {
            Tensor inRows = Engine.apply(new Pad(2, row(i), p.strideH(), paddedHeight), byPlace.select(2, i));
            Tensor inPlace = Engine.apply(new Pad(3, column(i), p.strideW(), paddedWidth), inRows);
            sum = sum == null ? inPlace : sum.add(inPlace);
        }
        return sum.narrow(2, around.top(), height).narrow(3, around.left(), width);
    }

    private int row(int place) {
        return place / kernelW * p.dilationH();
    }

    private int column(int place) {
        return place % kernelW * p.dilationW();
    }
}
