package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/**
 * The gradient of {@link AvgPool2dOp}: each window's gradient spread evenly.
 *
 * @param images the shape of what was pooled
 */
public record AvgPool2dBackward(Pool2dParameters p, Shape images) implements Op {
    @Override
    public void infer(Call call) {
        call.floating(0);
        PoolingInput.require(name(), images);
        MaxPool2dOp.requirePooled(call, 0, images, p);
        call.channelsLast(0);
        call.result(Layout.channelsLast(images));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.pooling().averageBackward(p, call.in(0), call.out(0));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Engine.apply(new AvgPool2dOp(p), dy));
    }
}
