package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** A module that maps one tensor to one, such as a convolution or a whole classifier. */
@FunctionalInterface
public interface Layer extends Module {
    /**
     * Computes the output: a new tensor, or the input itself. What a scope outside owns, such as a parameter that is returned as it is, and
     * what a layer keeps for later, {@link Sequential} and {@link Residual} never close: of layers that are not the engine's own they
     * leave all values to the scope.
     *
     * @param pass what this run is for: training or evaluation, the tape, the random numbers, and the way to the parameters
     */
    Tensor forward(Tensor x, Pass pass);
}
