package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;

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

    /** Sums the gradient over the given axes, where the bias is an input and its gradient is needed. */
    static void gradient(Tensor dz, GradientSink inputs, int... axes) {
        if (inputs.needs(BIAS)) {
            inputs.add(BIAS, dz.sum(false, axes));
        }
    }
}
