package org.alborz.cuda.ops;

import org.alborz.backend.Conv2dParameters;
import org.alborz.backend.Operand;
import org.alborz.type.Shape;

/** Convolution by its definition, for what cuDNN does not do. */
final class DirectConvolution {
    private static final int PER_BLOCK = 256;
    private static final int LANES = 32;

    private final LaunchContext context;
    private final TypedKernel forward;
    private final TypedKernel backwardData;
    private final TypedKernel backwardFilter;

    DirectConvolution(LaunchContext context) {
        this.context = context;
        forward = context.kernel("conv2d");
        backwardData = context.kernel("conv2d_backward_data");
        backwardFilter = context.kernel("conv2d_backward_filter");
    }

    void forward(Conv2dParameters p, Operand x, Operand w, Operand y) {
        context.launch(forward.of(y.dtype()))
                .address(Operands.address(x))
                .address(Operands.address(w))
                .address(Operands.address(y));
        geometry(p, x.shape(), w.shape(), y.shape());
        context.run(Operands.elements(y), PER_BLOCK);
    }

    void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        context.launch(backwardData.of(dx.dtype()))
                .address(Operands.address(dy))
                .address(Operands.address(w))
                .address(Operands.address(dx));
        geometry(p, dx.shape(), w.shape(), dy.shape());
        context.run(Operands.elements(dx), PER_BLOCK);
    }

    void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        context.launch(backwardFilter.of(dw.dtype()))
                .address(Operands.address(x))
                .address(Operands.address(dy))
                .address(Operands.address(dw));
        Shape w = dw.shape();
        geometry(p, x.shape(), w, dy.shape());
        long groupOutputs = w.size(0) / p.groups();
        context.run((long) w.size(2) * w.size(3) * x.shape().size(1) * ((groupOutputs + LANES - 1) / LANES), 1);
    }

    private void geometry(Conv2dParameters p, Shape x, Shape w, Shape y) {
        Operands.requireCountable("Convolution", x);
        Operands.requireCountable("Convolution", w);
        Operands.requireCountable("Convolution", y);
        context.launcher()
                .integers(
                        x.size(0),
                        x.size(1),
                        x.size(2),
                        x.size(3),
                        w.size(0),
                        w.size(2),
                        w.size(3),
                        y.size(2),
                        y.size(3),
                        p.strideH(),
                        p.strideW(),
                        p.paddingH(),
                        p.paddingW(),
                        p.dilationH(),
                        p.dilationW(),
                        p.groups());
    }
}
