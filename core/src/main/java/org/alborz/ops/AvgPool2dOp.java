package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;

/** The mean of each window of images {@code [N, C, H, W]}, padding counted in; gives {@code [N, C, OH, OW]} as {@link MaxPool2dOp} does. */
public record AvgPool2dOp(Pool2dParameters p) implements Op {
    @Override
    public String name() {
        return "AvgPool2d";
    }

    @Override
    public void infer(Call call) {
        PoolingInput.require(call);
        call.channelsLast(0);
        call.result(Layout.channelsLast(MaxPool2dOp.outputShape(name(), call.shape(0), p)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.pooling().average(p, call.in(0), call.out(0));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Engine.apply(new AvgPool2dBackward(p, inputs.shape(0)), dy));
    }
}
