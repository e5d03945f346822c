package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.ConvolutionSum;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The gradient of a convolution with respect to its images, also known as transposed convolution.
 *
 * <p>Inputs are dy {@code [N, O, OH, OW]}, of the shape that {@link Conv2dOp#resultShape} gives, and filters {@code [O, C/groups, KH,
 * KW]}. A third, of the images' shape and channels-last, is overwritten by its sum with the gradient.
 *
 * @param images the shape of the images
 */
public record Conv2dBackwardData(Conv2dParameters p, Shape images) implements Op {
    private static final int SUM = 2;

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
        if (call.has(SUM)) {
            requireSum(call);
            call.overwrite(SUM);
        } else {
            call.result(Layout.channelsLast(images));
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        ConvolutionSum fusion =
                call.has(SUM) ? backend.fusion(ConvolutionSum.class).orElse(null) : null;
        if (fusion != null) {
            fusion.addBackwardData(p, call.in(0), call.in(1), call.in(SUM));
        } else if (call.has(SUM)) {
            call.tensor(SUM).update(BinaryOp.ADD, Engine.apply(this, call.tensor(0), call.tensor(1)));
        } else {
            backend.convolution().backwardData(p, call.in(0), call.in(1), call.out(0));
        }
    }

    private void requireSum(Call call) {
        call.alike(0, SUM);
        if (!call.shape(SUM).equals(images) || !call.layout(SUM).isChannelsLast()) {
            throw new IllegalArgumentException(
                    "Conv2d's gradient expects a sum " + images + " stored channels-last, got " + call.describe(SUM));
        }
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
