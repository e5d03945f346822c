package org.alborz.nn;

import java.util.function.UnaryOperator;
import org.alborz.tensor.Tensor;

/** The mean of a function of the difference between outputs and targets of one shape, in float32 at least. */
record DifferenceLoss(String name, String settings, UnaryOperator<Tensor> function) implements Loss {
    @Override
    public Tensor of(Tensor result, Tensor target) {
        Tensor output = LossInput.of(result);
        // A square of a number of 16 bits may not be one, though the mean is.
        Tensor difference = output.to(output.dtype().accumulator())
                .sub(Targets.inShapeOf(name, output, target).to(output.dtype().accumulator()));
        return function.apply(difference).mean().to(output.dtype());
    }
}
