package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** A module that maps one tensor to one, such as a convolution or a whole classifier. */
@FunctionalInterface
public interface Layer extends Module {
    /**
     * Computes the output: a new tensor, the input, or one that belongs to somebody else, such as a parameter. What {@link Sequential}
     * and {@link Residual} get from a layer of the user's they leave to the scope; the engine's own layers' values they close early.
     *
     * @param pass what this run is for: training or evaluation, the tape, the random numbers, and the way to the parameters
     */
    Tensor forward(Tensor x, Pass pass);
}
