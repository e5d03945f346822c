package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** The outputs that losses are computed from. */
final class LossInput {
    private LossInput() {}

    /** Returns an output of 16 bits of a model with mixed precision in float32, its session's type; others as they are. */
    static Tensor of(Tensor output) {
        DType own = output.session().dtype();
        boolean narrow = output.dtype() != own && output.dtype().accumulator() == own;
        return narrow ? output.to(own) : output;
    }
}
