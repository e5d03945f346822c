package org.alborz.nn;

import java.util.Arrays;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Described;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Weight normalisation (Salimans and Kingma 2016) of a layer with a parameter {@code weight}: it computes with {@code g·v / ‖v‖}, the norm
 * being that of each output's weights, and g a learned length for each. The layer's own weight is v; g starts as its norm, so that the
 * layer starts as it would without. In checkpoints they are {@code weight_v} and {@code weight_g}, as PyTorch names them.
 */
public final class WeightNorm implements Fresh {
    private final Reparametrized of;
    private final Parameter lengths;

    /** Wraps a layer, such as a {@link Linear} or a {@link Conv2d}. */
    public WeightNorm(Layer layer) {
        of = new Reparametrized("WeightNorm", layer);
        lengths = Parameter.of(perRow(of.weight().shape()), (shape, values, random) -> norms(values))
                .inFullPrecision();
    }

    private static Shape perRow(Shape weight) {
        int[] sizes = new int[weight.rank()];
        Arrays.fill(sizes, 1);
        sizes[0] = weight.size(0);
        return Shape.of(sizes);
    }

    /** Computes the norms of the weight, which has its first values already, since it is described first. */
    private void norms(double[] norms) {
        double[] values = of.weight().value().toDoubles();
        int width = values.length / norms.length;
        for (int i = 0; i < norms.length; i++) {
            double squares = 0;
            for (int k = 0; k < width; k++) {
                squares += values[i * width + k] * values[i * width + k];
            }
            norms[i] = Math.sqrt(squares);
        }
    }

    /** Applies the layer, with its shapes. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor direction = pass.use(of.weight());
        Tensor length = pass.use(lengths);
        return of.forward(weight(direction, length), x, pass);
    }

    private Tensor weight(Tensor direction, Tensor length) {
        DType wide = direction.dtype().accumulator();
        try (Scope scope = direction.session().scope("WeightNorm")) {
            Tensor rows = direction.to(wide).reshape(of.rows(), -1);
            Tensor factors = length.to(wide).reshape(of.rows(), 1).div(rows.norm(true, 1));
            return scope.keep(
                    direction.to(wide).mul(factors.reshape(lengths.shape())).to(direction.dtype()));
        }
    }

    @Override
    public boolean isFresh() {
        return Fresh.is(of.layer());
    }

    @Override
    public void describe(Structure structure) {
        of.describe(structure, "weight_v");
        structure.parameter("weight_g", lengths);
    }

    @Override
    public String toString() {
        return "WeightNorm(" + Described.of(of.layer()) + ")";
    }
}
