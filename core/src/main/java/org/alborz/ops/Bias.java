package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;

/** The optional third input of {@link Linear} and {@link Convolution2d}. */
final class Bias {
    private static final int INPUT = 2;

    private Bias() {}

    /** Refuses a bias that is not contiguous {@code [outputs]}, outputs being the weight's first axis. */
    static void require(String op, Tensor bias, Tensor weight) {
        if (bias == null) {
            return;
        }
        Operands.requireAlike(op, weight, bias);
        if (bias.shape().rank() != 1
                || bias.shape().size(0) != weight.shape().size(0)
                || !bias.layout().isDense()) {
            throw new IllegalArgumentException(
                    op + " expects a contiguous bias [" + weight.shape().size(0) + "], got " + bias.describe());
        }
    }

    /** Sums the gradient over the given axes, where the bias is an input and its gradient is wanted. */
    static void gradient(Tensor dz, GradientSink inputs, int... axes) {
        if (inputs.wants(INPUT)) {
            inputs.add(INPUT, dz.sum(false, axes));
        }
    }
}
