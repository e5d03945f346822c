package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * A tensor's shape and its elements in row-major order.
 *
 * @param integral whether PyTorch holds the elements as int64 (class labels) and not as float64
 */
record Values(long[] shape, double[] elements, boolean integral) {
    static Values of(double[] elements, long... shape) {
        return new Values(shape, elements, false);
    }

    static Values labels(double... labels) {
        return new Values(new long[] {labels.length}, labels, true);
    }

    /** Copies an array out of PyTorch. */
    static Values copyOf(NDArray array) {
        if (array.getDataType() != DataType.FLOAT64) {
            throw new IllegalStateException("Golden values are float64, got a result of " + array.getDataType());
        }
        return of(array.toDoubleArray(), array.getShape().getShape());
    }

    /** Copies these values into PyTorch. */
    NDArray toArray(NDManager manager) {
        Shape torchShape = new Shape(shape);
        return integral
                ? manager.create(Arrays.stream(elements).mapToLong(e -> (long) e).toArray(), torchShape)
                : manager.create(elements, torchShape);
    }
}
