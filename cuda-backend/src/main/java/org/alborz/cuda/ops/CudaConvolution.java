package org.alborz.cuda.ops;

import org.alborz.backend.Activation;
import org.alborz.backend.Conv2dParameters;
import org.alborz.backend.Convolution;
import org.alborz.backend.Operand;
import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.cuda.dnn.ConvolutionPass;
import org.alborz.cuda.dnn.ConvolutionPlan;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.Plans;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Convolution by cuDNN, and by a plain kernel of ours where cuDNN has none: float64, and what it refuses.
 *
 * <p>Images lie as cuDNN wants them. Weights lie KH, KW, C, O here and O, KH, KW, C there, so they are transposed on the way.
 */
final class CudaConvolution implements Convolution, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CudaConvolution.class);

    private final Gpu gpu;
    private final Plans<ConvolutionKey, Choice> choices;
    private final DirectConvolution direct;
    private final Transpose transpose;
    private final BiasActivation epilogue;

    /** How a convolution is done: by a plan, or directly where that is null. */
    private static final class Choice implements AutoCloseable {
        ConvolutionPlan plan;

        Choice(ConvolutionPlan plan) {
            this.plan = plan;
        }

        @Override
        public void close() {
            if (plan != null) {
                plan.close();
            }
        }
    }

    CudaConvolution(Gpu gpu, Dnn dnn, BiasActivation epilogue) {
        this.gpu = gpu;
        this.choices = new Plans<>(
                key -> new Choice(Dnn.serves(key.dtype()) ? new ConvolutionPlan(dnn, gpu.pool(), key) : null));
        this.direct = new DirectConvolution(gpu);
        this.transpose = new Transpose(gpu);
        this.epilogue = epilogue;
    }

    @Override
    public void forward(Conv2dParameters p, Operand x, Operand w, Operand bias, Activation activation, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        if (!run(key(ConvolutionPass.FORWARD, p, x, w, y), x, w, y)) {
            direct.forward(p, x, w, y);
        }
        int channels = y.shape().size(1);
        epilogue.apply(bias, activation, y, Operands.elements(y) / channels, channels);
    }

    @Override
    public void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        if (Operands.elements(dx) > 0 && !run(key(ConvolutionPass.BACKWARD_DATA, p, dx, w, dy), w, dy, dx)) {
            direct.backwardData(p, dy, w, dx);
        }
    }

    @Override
    public void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        if (Operands.elements(dw) > 0 && !run(key(ConvolutionPass.BACKWARD_FILTER, p, x, dw, dy), x, dy, dw)) {
            direct.backwardFilter(p, x, dy, dw);
        }
    }

    private static ConvolutionKey key(ConvolutionPass pass, Conv2dParameters p, Operand x, Operand w, Operand y) {
        return new ConvolutionKey(pass, x.dtype(), p, x.shape(), w.shape(), y.shape());
    }

    private boolean run(ConvolutionKey key, Operand a, Operand b, Operand result) {
        if (key.x().elements() == 0 || key.w().elements() == 0 || key.y().elements() == 0) {
            return false;
        }
        Choice choice = choices.of(key);
        if (choice.plan == null) {
            return false;
        }
        boolean done = switch (key.pass()) {
            case FORWARD -> withWeights(key, choice.plan, b, a, result, true);
            case BACKWARD_DATA -> withWeights(key, choice.plan, a, b, result, false);
            case BACKWARD_FILTER -> intoWeights(key, choice.plan, a, b, result);
        };
        if (!done) {
            log.warn(
                    "cuDNN has no algorithm for {}; a plain kernel does it, which is slow. Fewer groups, no dilation or another"
                            + " data type may help.",
                    key);
            choice.close();
            choice.plan = null;
        }
        return done;
    }

    private boolean withWeights(
            ConvolutionKey key, ConvolutionPlan plan, Operand w, Operand image, Operand result, boolean imageFirst) {
        CudaBuffer turned = gpu.pool().allocate(key.dtype(), key.w().elements());
        try {
            int outputs = key.w().size(0);
            transpose.run(key.dtype(), Operands.address(w), turned.at(0), rows(key.w()), outputs);
            var weights = turned.pointer(0);
            var pixels = Operands.pointer(image);
            return plan.run(imageFirst ? pixels : weights, imageFirst ? weights : pixels, Operands.pointer(result));
        } finally {
            gpu.pool().free(turned);
        }
    }

    private boolean intoWeights(ConvolutionKey key, ConvolutionPlan plan, Operand x, Operand dy, Operand dw) {
        CudaBuffer turned = gpu.pool().allocate(key.dtype(), key.w().elements());
        try {
            if (!plan.run(Operands.pointer(x), Operands.pointer(dy), turned.pointer(0))) {
                return false;
            }
            transpose.run(
                    key.dtype(), turned.at(0), Operands.address(dw), key.w().size(0), rows(key.w()));
            return true;
        } finally {
            gpu.pool().free(turned);
        }
    }

    /** Returns the rows of the weights seen as a matrix: one for each place in the filter and input channel. */
    private static int rows(Shape w) {
        return Math.toIntExact(w.elements() / w.size(0));
    }

    @Override
    public void close() {
        choices.close();
    }
}
