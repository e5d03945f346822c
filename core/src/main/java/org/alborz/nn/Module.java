package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** A layer, or a net of layers. */
public interface Module {
    /**
     * Computes the output.
     *
     * @param pass what this run is for: training or evaluation, the tape, the random numbers, and the way to the parameters
     */
    Tensor forward(Tensor x, Pass pass);

    /** Names this module's parameters and parts; a module without any need not. */
    default void describe(Structure structure) {}
}
