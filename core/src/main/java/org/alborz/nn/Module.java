package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** A layer, or a net of layers. */
public interface Module {
    /**
     * Computes the output: a new tensor, the input, or one that belongs to somebody else, such as a parameter. What {@link Sequential}
     * and {@link Residual} get from a module of the user's they leave to the scope; the engine's own layers' values they close early.
     *
     * @param pass what this run is for: training or evaluation, the tape, the random numbers, and the way to the parameters
     */
    Tensor forward(Tensor x, Pass pass);

    /** Names this module's parameters and parts; a module without any need not. */
    default void describe(Structure structure) {}
}
