package org.alborz.optim;

import org.alborz.nn.Parameter;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * How a parameter is read as a matrix: its first axis, the outputs of a layer, against all others, and a vector as one row. It is the same on
 * all backends, so that checkpoints may move between them.
 *
 * @param outputsFirst whether the outputs are the rows; of convolution weights they are the columns, and the rows are KH, KW, C
 * @param transposed whether the memory holds the columns one behind the other
 */
record ParameterMatrix(int rows, int columns, boolean outputsFirst, boolean transposed) {
    static ParameterMatrix of(Parameter parameter) {
        Shape shape = parameter.shape();
        if (shape.rank() < 2) {
            return new ParameterMatrix(1, (int) shape.elements(), true, false);
        }
        int outputs = shape.size(0);
        int others = outputs == 0 ? 0 : (int) (shape.elements() / outputs);
        if (!parameter.isFilter() || Layout.filter(shape).isRowMajor()) {
            return new ParameterMatrix(outputs, others, true, false);
        }
        return new ParameterMatrix(
                others, outputs, false, !parameter.value().layout().isFilter());
    }

    int outputs() {
        return outputsFirst ? rows : columns;
    }

    int inputs() {
        return outputsFirst ? columns : rows;
    }

    /** Returns the view {@code [rows, columns]} of a span of the parameter, which may end with zeros. */
    Tensor view(Tensor span) {
        Tensor elements = span.narrow(0, 0, rows * columns);
        return transposed ? elements.reshape(columns, rows).transpose(0, 1) : elements.reshape(rows, columns);
    }

    /**
     * Returns numbers {@code [rows · columns]} that hold the rows one behind the other in the order of the parameter's memory: a copy, or
     * themselves where that is the same.
     */
    Tensor inOrderOfMemory(Tensor numbers) {
        return transposed ? numbers.reshape(rows, columns).transpose(0, 1).reshape(rows * columns) : numbers;
    }
}
