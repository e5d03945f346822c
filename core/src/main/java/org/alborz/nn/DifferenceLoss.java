package org.alborz.nn;

import java.util.function.UnaryOperator;
import org.alborz.tensor.Tensor;

/** A function of the difference between outputs and targets of one shape, in float32 at least. */
record DifferenceLoss(String name, String settings, UnaryOperator<Tensor> function) implements TermLoss {
    @Override
    public Tensor terms(Tensor result, Tensor target) {
        Tensor output = LossInput.of(result);
        // A square of a number of 16 bits may not be one, though the mean is.
        Tensor difference = output.to(output.dtype().accumulator())
                .sub(Targets.inShapeOf(name, output, target).to(output.dtype().accumulator()));
        return function.apply(difference);
    }

    /** The quadratic function of differences up to delta, continued by a straight line of slope delta. */
    static Tensor huber(Tensor difference, double delta) {
        Tensor magnitude = difference.abs();
        Tensor bounded = magnitude.minimum(delta);
        return bounded.mul(magnitude.sub(bounded.mul(0.5)));
    }
}
