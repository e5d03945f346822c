package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The gradient of a convolution with respect to its images, also known as transposed convolution.
 *
 * <p>Inputs are dy {@code [N, O, OH, OW]}, of the shape that {@link Conv2dOp#resultShape} gives, and filters {@code [O, C/groups, KH,
 * KW]}.
 *
 * @param images the shape of the images
 */
public record Conv2dBackwardData(Conv2dParameters p, Shape images) implements Op {
    @Override
    public String name() {
        return "Conv2d's gradient";
    }

    @Override
    public void infer(Call call) {
        call.alike(0, 1);
        Conv2dOp.requireGradient(call.shape(0), images, call.shape(1), p);
        call.channelsLast(0);
        call.convolutionWeights(1);
        call.result(Layout.channelsLast(images));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.convolution().backwardData(p, call.in(0), call.in(1), call.out(0));
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return Conv2dOp.multiplyAdds(inputs.get(1).shape(), inputs.get(0).shape());
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.input(1);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor w = inputs.input(1);
        if (inputs.needs(0)) {
            inputs.add(0, Engine.apply(new Conv2dOp(p, Activation.NONE), dy, w));
        }
        if (inputs.needs(1)) {
            inputs.add(1, Engine.apply(new Conv2dBackwardFilter(p, w.shape()), dy, inputs.input(0)));
        }
    }
}
