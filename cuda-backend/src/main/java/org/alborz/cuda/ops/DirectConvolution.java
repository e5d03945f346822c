package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/** Convolution by its definition, for what cuDNN does not do. */
final class DirectConvolution {
    private static final int PER_BLOCK = 256;
    private static final int LANES = 32;

    private final LaunchContext context;

    DirectConvolution(LaunchContext context) {
        this.context = context;
    }

    void forward(Conv2dParameters p, Operand x, Operand w, Operand y) {
        Shape images = x.shape();
        Shape weights = w.shape();
        Shape results = y.shape();
        requireCountable(images, weights, results);
        context.kernels()
                .conv2d(
                        y.dtype(),
                        x,
                        w,
                        y,
                        images.size(0),
                        images.size(1),
                        images.size(2),
                        images.size(3),
                        weights.size(0),
                        weights.size(2),
                        weights.size(3),
                        results.size(2),
                        results.size(3),
                        p.strideH(),
                        p.strideW(),
                        p.padding().top(),
                        p.padding().left(),
                        p.dilationH(),
                        p.dilationW(),
                        p.groups());
        context.run(Operands.elements(y), PER_BLOCK);
    }

    void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        Shape images = dx.shape();
        Shape weights = w.shape();
        Shape results = dy.shape();
        requireCountable(images, weights, results);
        context.kernels()
                .conv2dBackwardData(
                        dx.dtype(),
                        dy,
                        w,
                        dx,
                        images.size(0),
                        images.size(1),
                        images.size(2),
                        images.size(3),
                        weights.size(0),
                        weights.size(2),
                        weights.size(3),
                        results.size(2),
                        results.size(3),
                        p.strideH(),
                        p.strideW(),
                        p.padding().top(),
                        p.padding().left(),
                        p.dilationH(),
                        p.dilationW(),
                        p.groups());
        context.run(Operands.elements(dx), PER_BLOCK);
    }

    void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        Shape images = x.shape();
        Shape weights = dw.shape();
        Shape results = dy.shape();
        requireCountable(images, weights, results);
        context.kernels()
                .conv2dBackwardFilter(
                        dw.dtype(),
                        x,
                        dy,
                        dw,
                        images.size(0),
                        images.size(1),
                        images.size(2),
                        images.size(3),
                        weights.size(0),
                        weights.size(2),
                        weights.size(3),
                        results.size(2),
                        results.size(3),
                        p.strideH(),
                        p.strideW(),
                        p.padding().top(),
                        p.padding().left(),
                        p.dilationH(),
                        p.dilationW(),
                        p.groups());
        long groupOutputs = weights.size(0) / p.groups();
        context.run(
                (long) weights.size(2) * weights.size(3) * images.size(1) * ((groupOutputs + LANES - 1) / LANES), 1);
    }

    private static void requireCountable(Shape x, Shape w, Shape y) {
        Operands.requireCountable("Convolution", x);
        Operands.requireCountable("Convolution", w);
        Operands.requireCountable("Convolution", y);
    }
}
