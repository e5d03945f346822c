package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/**
 * The largest element of each window of images {@code [N, C, H, W]}; gives {@code [N, C, OH, OW]} of {@link
 * Pool2dParameters#outputH} rows.
 */
public record MaxPool2dOp(Pool2dParameters p) implements Op {
    @Override
    public String name() {
        return "MaxPool2d";
    }

    @Override
    public void infer(Call call) {
        PoolingInput.require(call);
        call.channelsLast(0);
        call.result(Layout.channelsLast(outputShape(name(), call.shape(0), p)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.pooling().max(p, call.in(0), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.result(0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor x = inputs.input(0);
        if (inputs.differentiable()) {
            inputs.add(0, Engine.apply(new MaxPool2dBackward(p), x, inputs.result(0), dy));
        } else {
            inputs.give(0, DeferredPooling.gradient(p, x, inputs.result(0), dy));
        }
    }

    /** Refuses an input that is not of the shape that images are pooled to. */
    static void requirePooled(Call call, int input, Shape images, Pool2dParameters p) {
        Shape pooled = outputShape(call.name(), images, p);
        if (!call.shape(input).equals(pooled)) {
            throw new IllegalArgumentException(call.name() + " of images " + images + " expects the pooled shape "
                    + pooled + ", got " + call.describe(input));
        }
    }

    static Shape outputShape(String op, Shape x, Pool2dParameters p) {
        int h = p.outputH(x.size(2));
        int w = p.outputW(x.size(3));
        if (h < 1 || w < 1) {
            throw new IllegalArgumentException(
                    op + "'s window " + p.kernelH() + "x" + p.kernelW() + " does not fit into input " + x);
        }
        return Shape.of(x.size(0), x.size(1), h, w);
    }
}
