package org.alborz.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * What a tensor of a file is expected to be.
 *
 * @param dtype any floating type will do where it is floating; no other than this where it is not
 */
record Expected(Shape shape, DType dtype) {
    static Expected of(Parameter parameter) {
        return new Expected(parameter.shape(), parameter.dtype().orElse(DType.FLOAT32));
    }

    static Map<String, Expected> of(Map<String, Tensor> tensors) {
        Map<String, Expected> all = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> all.put(name, new Expected(tensor.shape(), tensor.dtype())));
        return all;
    }

    /**
     * Refuses a tensor of another shape, or of a type that is not converted.
     *
     * @param remedy what the caller can do, a sentence
     */
    void require(SafetensorsFile file, SafetensorsEntry entry, String remedy) {
        if (!entry.shape().equals(shape)) {
            throw new CheckpointException(file.path() + ": expected tensor " + Quoted.text(entry.name()) + " of shape "
                    + shape + ", got " + entry.shape() + ". It was saved from another model. " + remedy);
        }
        if (dtype.isFloating() && !entry.type().isFloating()) {
            throw new CheckpointException(file.path() + ": tensor " + entry
                    + " is no floating tensor (F16, BF16, F32 or F64); it was saved from another model. " + remedy);
        }
        if (!dtype.isFloating() && entry.type() != SafetensorsType.of(dtype)) {
            throw new CheckpointException(file.path() + ": expected tensor " + Quoted.text(entry.name()) + " as "
                    + SafetensorsType.of(dtype) + ", since the model's state is " + dtype + ", got " + entry.type()
                    + "; give the state that type in its module, or leave the tensor out with LoadOptions.only");
        }
    }
}
