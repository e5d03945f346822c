package org.alborz.optim;

import org.alborz.nn.Parameter;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * How a parameter of two or more axes is read as a matrix: its first axis, the outputs of a layer, against all others.
 *
 * @param rows in the order of its memory
 * @param columns likewise
 * @param outputsFirst whether the outputs are the rows; of convolution weights, stored as KH KW C O, they are the columns
 */
record ParameterMatrix(int rows, int columns, boolean outputsFirst) {
    static ParameterMatrix of(Parameter parameter) {
        Shape shape = parameter.shape();
        int outputs = shape.size(0);
        int others = outputs == 0 ? 0 : (int) (shape.elements() / outputs);
        boolean first = parameter.value().layout().isRowMajor();
        return first ? new ParameterMatrix(outputs, others, true) : new ParameterMatrix(others, outputs, false);
    }

    int outputs() {
        return outputsFirst ? rows : columns;
    }

    int inputs() {
        return outputsFirst ? columns : rows;
    }

    /** Returns the view {@code [rows, columns]} of a span of the parameter, which may end with zeros. */
    Tensor view(Tensor span) {
        return span.narrow(0, 0, rows * columns).reshape(rows, columns);
    }
}
