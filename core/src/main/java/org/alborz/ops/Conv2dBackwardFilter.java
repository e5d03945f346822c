package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * The gradient of a convolution with respect to its filters.
 *
 * <p>Inputs are images {@code [N, C, H, W]} and dy {@code [N, O, OH, OW]}, of the shape that {@link Conv2dOp#resultShape} gives.
 *
 * @param filters the shape of the filters
 */
public record Conv2dBackwardFilter(Conv2dParameters p, Shape filters) implements Op {
    @Override
    public String name() {
        return "Conv2d's gradient";
    }

    @Override
    public void infer(Call call) {
        call.alike(0, 1);
        Conv2dOp.requireGradient(call.shape(1), call.shape(0), filters, p);
        call.channelsLast(0);
        call.channelsLast(1);
        call.result(call.weightLayout(filters));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.convolution().backwardFilter(p, call.in(0), call.in(1), call.out(0));
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return Conv2dOp.multiplyAdds(filters, inputs.get(1).shape());
    }

    @Override
    public int saves() {
        return Op.input(0) | Op.input(1);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor x = inputs.input(0);
        if (inputs.needs(0)) {
            inputs.add(0, Engine.apply(new Conv2dBackwardData(p, x.shape()), inputs.input(1), dy));
        }
        if (inputs.needs(1)) {
            inputs.add(1, Engine.apply(new Conv2dOp(p, Activation.NONE), x, dy));
        }
    }
}
