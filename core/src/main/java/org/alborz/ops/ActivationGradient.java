package org.alborz.ops;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;

/** What an activation passes of the gradient of its result, by that result: all of it between the bounds, 0 at them. */
final class ActivationGradient {
    /** The upper bound of {@link Activation#RELU6}. */
    static final double SIX = 6;

    private ActivationGradient() {}

    /** Returns what an operation with an activation has to save: its first result, or nothing. */
    static int saves(Activation activation) {
        return activation == Activation.NONE ? 0 : Op.result(0);
    }

    /** Returns the gradient before an activation whose result is saved, or {@code dy} itself where there is none. */
    static Tensor of(Activation activation, Tensor y, Tensor dy) {
        return switch (activation) {
            case NONE -> dy;
            case RELU -> y.apply(BinaryOp.RELU_BACKWARD, dy);
            case RELU6 -> {
                Tensor positive = y.apply(BinaryOp.RELU_BACKWARD, dy);
                yield Where.apply(Compare.apply(Comparison.GREATER_EQUAL, y, SIX), Full.like(positive, 0), positive);
            }
        };
    }
}
