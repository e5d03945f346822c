package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Layer normalisation over the last axis (Ba et al. 2016): {@code (x − μ) / √(σ² + ε)·γ + β}. */
final class NormalizedRows implements Layer {
    private static final double EPSILON = 1e-5;

    private final Parameter weight;
    private final Parameter bias;

    NormalizedRows(int size) {
        weight = Parameter.of(Shape.of(size), Initializer.constant(1)).inFullPrecision();
        bias = Parameter.of(Shape.of(size), Initializer.constant(0)).inFullPrecision();
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor factors = pass.use(weight);
        Tensor wide = x.to(factors.dtype());
        Tensor centred = wide.sub(wide.mean(true, -1));
        Tensor inverse = centred.square().mean(true, -1).add(EPSILON).rsqrt();
        return centred.mul(inverse).mul(factors).add(pass.use(bias)).to(x.dtype());
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("weight", weight);
        structure.parameter("bias", bias);
    }

    @Override
    public String toString() {
        return "NormalizedRows(" + weight.shape().size(0) + ")";
    }
}
