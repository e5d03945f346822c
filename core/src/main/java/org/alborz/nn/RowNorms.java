package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.RowNorm;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** What {@link LayerNorm} and {@link RmsNorm} share: the last axes of x read as one. */
final class RowNorms {
    private RowNorms() {}

    static Shape shape(String layer, int... sizes) {
        Shape shape = Shape.of(sizes);
        if (shape.rank() == 0 || shape.elements() == 0 || shape.elements() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(layer + " expects at least one axis with elements, got " + shape);
        }
        return shape;
    }

    static Parameter parameter(Shape shape, double initial) {
        return Parameter.of(shape, Initializer.constant(initial)).inFullPrecision();
    }

    /**
     * Normalises over the axes of a shape.
     *
     * @param weight of that shape, or null; so is the bias
     */
    static Tensor apply(RowNorm operation, Tensor x, Shape shape, Tensor weight, Tensor bias) {
        int outer = x.shape().rank() - shape.rank();
        boolean fits = outer >= 0;
        for (int i = 0; fits && i < shape.rank(); i++) {
            fits = x.shape().size(outer + i) == shape.size(i);
        }
        if (!fits) {
            String sizes = shape.toString();
            throw new IllegalArgumentException(
                    operation.name() + " expects input [..., " + sizes.substring(1) + ", got " + x.describe());
        }
        if (shape.rank() == 1) {
            return Engine.apply(operation, x, weight, bias);
        }
        int width = (int) shape.elements();
        try (Scope scope = x.session().scope(operation.name())) {
            Tensor y = Engine.apply(operation, x.reshape(-1, width), flat(weight), flat(bias));
            return scope.keep(y.reshape(x.shape()));
        }
    }

    private static Tensor flat(Tensor parameter) {
        return parameter == null ? null : parameter.reshape(-1);
    }
}
