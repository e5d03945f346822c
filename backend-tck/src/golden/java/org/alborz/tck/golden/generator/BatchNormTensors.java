package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** A batch normalisation's parameters and running statistics, all [C]. */
record BatchNormTensors(NDArray weight, NDArray bias, NDArray runningMean, NDArray runningVar) {
    /** Finds them by name. */
    static BatchNormTensors of(Map<String, NDArray> tensors, String prefix) {
        return new BatchNormTensors(
                tensors.get(prefix + "weight"),
                tensors.get(prefix + "bias"),
                tensors.get(prefix + "running_mean"),
                tensors.get(prefix + "running_var"));
    }
}
