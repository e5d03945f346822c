package org.alborz.nn;

import org.alborz.ops.RowNorm;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) over the last axes of the input: {@code (x − mean) / √(variance + ε)·weight + bias}, the statistics
 * those of each sample or position, the variance over the count of elements. Training and evaluation are the same.
 *
 * <p>Weights start at 1 and biases at 0. They are float32 where the model computes in 16 bits; the result is rounded once.
 */
public final class LayerNorm implements Fresh {
    private final Shape shape;
    private final RowNorm operation;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer over the last axis of the given size, or over the last axes of several, with weight, bias and ε 1e-5. */
    public LayerNorm(int... sizes) {
        this(RowNorms.shape("LayerNorm", sizes), 1e-5, true, true);
    }

    private LayerNorm(Shape shape, double epsilon, boolean weighted, boolean biased) {
        this.shape = shape;
        this.operation = new RowNorm(true, epsilon);
        this.weight = weighted ? RowNorms.parameter(shape, 1) : null;
        this.bias = biased ? RowNorms.parameter(shape, 0) : null;
    }

    /** Returns this layer with another ε, finite and at least 0. */
    public LayerNorm epsilon(double value) {
        return new LayerNorm(shape, value, weight != null, bias != null);
    }

    /** Returns this layer with or without a bias. */
    public LayerNorm bias(boolean biased) {
        return new LayerNorm(shape, operation.epsilon(), weight != null, biased && weight != null);
    }

    /** Returns this layer with weight and bias, or without both. */
    public LayerNorm affine(boolean learned) {
        return new LayerNorm(shape, operation.epsilon(), learned, learned);
    }

    /**
     * Normalises.
     *
     * @param x {@code [..., sizes]}
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return RowNorms.apply(
                operation, x, shape, weight == null ? null : pass.use(weight), bias == null ? null : pass.use(bias));
    }

    @Override
    public void describe(Structure structure) {
        if (weight != null) {
            structure.parameter("weight", weight);
        }
        if (bias != null) {
            structure.parameter("bias", bias);
        }
    }

    @Override
    public String toString() {
        return "LayerNorm(" + shape + ", epsilon=" + operation.epsilon() + (weight == null ? ", affine=false" : "")
                + (weight != null && bias == null ? ", bias=false" : "") + ")";
    }
}
