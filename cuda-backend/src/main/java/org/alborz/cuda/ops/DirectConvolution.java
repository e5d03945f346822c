package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/** Convolution by its definition, for what cuDNN does not do. Its kernels read weights as KH, KW, C, O, so they are transposed before or after. */
final class DirectConvolution {
    private static final int PER_BLOCK = 256;
    private static final int LANES = 32;

    private final LaunchContext context;
    private final Transpose transpose;

    DirectConvolution(LaunchContext context) {
        this.context = context;
        this.transpose = new Transpose(context);
    }

    void forward(Conv2dParameters p, Operand x, Operand w, Operand y) {
        try (TemporaryBuffer weights = outputsLast(w)) {
            forward(p, x, w, weights, y);
        }
    }

    /** Returns a copy of the weights with the outputs last. */
    private TemporaryBuffer outputsLast(Operand w) {
        TemporaryBuffer weights = context.pool().borrow(w.dtype(), Operands.elements(w));
        if (Operands.elements(w) > 0) {
            transpose.run(w.dtype(), w, weights, w.shape().size(0), rows(w));
        }
        return weights;
    }

    /** Returns how many weights an output has. */
    private static int rows(Operand w) {
        Operands.requireCountable("Convolution", w.shape());
        return (int) (Operands.elements(w) / w.shape().size(0));
    }

    private void forward(Conv2dParameters p, Operand x, Operand w, TemporaryBuffer stored, Operand y) {
        Shape images = x.shape();
        Shape weights = w.shape();
        Shape results = y.shape();
        requireCountable(images, weights, results);
        context.kernels()
                .conv2d(
                        y.dtype(),
                        x,
                        stored,
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
        try (TemporaryBuffer weights = outputsLast(w)) {
            backwardData(p, dy, w, weights, dx);
        }
    }

    private void backwardData(Conv2dParameters p, Operand dy, Operand w, TemporaryBuffer stored, Operand dx) {
        Shape images = dx.shape();
        Shape weights = w.shape();
        Shape results = dy.shape();
        requireCountable(images, weights, results);
        context.kernels()
                .conv2dBackwardData(
                        dx.dtype(),
                        dy,
                        stored,
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
        try (TemporaryBuffer stored = context.pool().borrow(dw.dtype(), Operands.elements(dw))) {
            backwardFilter(p, x, dy, dw, stored);
            transpose.run(dw.dtype(), stored, dw, rows(dw), dw.shape().size(0));
        }
    }

    private void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw, TemporaryBuffer stored) {
        Shape images = x.shape();
        Shape weights = dw.shape();
        Shape results = dy.shape();
        requireCountable(images, weights, results);
        context.kernels()
                .conv2dBackwardFilter(
                        dw.dtype(),
                        x,
                        dy,
                        stored,
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
