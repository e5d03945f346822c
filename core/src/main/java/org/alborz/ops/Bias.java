package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;

/** The optional third input of {@link LinearOp} and {@link Conv2dOp}. */
final class Bias {
    private static final int WEIGHT = 1;
    private static final int BIAS = 2;

    private Bias() {}

    /** Refuses a bias that is not contiguous {@code [outputs]}, outputs being the weight's first axis. */
    static void require(Call call) {
        if (!call.has(BIAS)) {
            return;
        }
        call.alike(WEIGHT, BIAS);
        int outputs = call.shape(WEIGHT).size(0);
        if (call.shape(BIAS).rank() != 1
                || call.shape(BIAS).size(0) != outputs
                || !call.layout(BIAS).isDense()) {
            throw new IllegalArgumentException(
                    call.name() + " expects a contiguous bias [" + outputs + "], got " + call.describe(BIAS));
        }
    }

    /**
     * Gives the bias its gradient where that is needed; in one pass with those of the activation and of a max pooling after it where it can.
     *
     * @param dy the gradient of the operation's result
     * @return the gradient before bias and activation
     */
    static Tensor gradient(Activation activation, Tensor dy, GradientSink inputs) {
        if (activation != Activation.NONE && inputs.needs(BIAS) && !inputs.differentiable()) {
            Tensor y = inputs.result(0);
            DeferredPooling pooling = DeferredPooling.of(dy, y);
            Tensor[] both = pooling == null
                    ? Engine.applyAll(new BiasBackward(activation, null), 2, y, dy, null)
                    : Engine.applyAll(new BiasBackward(activation, pooling.p()), 2, y, pooling.dy(), pooling.pooled());
            inputs.give(BIAS, both[1]);
            return both[0];
        }
        Tensor dz = activation == Activation.NONE ? dy : ActivationGradient.of(activation, inputs.result(0), dy);
        if (inputs.needs(BIAS)) {
            inputs.add(BIAS, BiasBackward.sum(dz));
        }
        return dz;
    }
}
