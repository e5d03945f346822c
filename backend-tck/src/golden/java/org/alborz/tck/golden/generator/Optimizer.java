package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * The update of one parameter, by the formulas in the documentation of {@code torch.optim}.
 *
 * <p>DJL's optimizers are not used: they take hyper-parameters as float32. An instance keeps one parameter's state.
 */
interface Optimizer {
    /** How the update is made, for the case's file. */
    String HOW = "torch.optim's documented formula composed of tensor operations";

    /** Returns the parameter after one step. */
    NDArray step(NDArray value, NDArray gradient);

    /** An optimizer's hyper-parameters, under PyTorch's names. */
    interface Settings {
        /** Starts the state of one parameter. */
        Optimizer create();

        String torchName();

        Map<String, Object> parameters();
    }
}
