package org.alborz.nn;

import org.alborz.ops.RowNorm;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Root mean square normalisation (Zhang and Sennrich 2019) over the last axes of the input: {@code x / √(mean of x² + ε)·weight}. Training and
 * evaluation are the same. Weights start at 1; they are float32 where the model computes in 16 bits, and the result is rounded once.
 */
public final class RmsNorm implements Fresh {
    private final Shape shape;
    private final RowNorm operation;
    private final Parameter weight;

    /** Makes a layer over the last axis of the given size, or over the last axes of several, with a weight and ε 1e-6. */
    public RmsNorm(int... sizes) {
        this(RowNorms.shape("RMSNorm", sizes), 1e-6, true);
    }

    private RmsNorm(Shape shape, double epsilon, boolean weighted) {
        this.shape = shape;
        this.operation = new RowNorm(false, epsilon);
        this.weight = weighted ? RowNorms.parameter(shape, 1) : null;
    }

    /** Returns this layer with another ε, finite and at least 0. */
    public RmsNorm epsilon(double value) {
        return new RmsNorm(shape, value, weight != null);
    }

    /** Returns this layer with or without a weight. */
    public RmsNorm affine(boolean learned) {
        return new RmsNorm(shape, operation.epsilon(), learned);
    }

    /**
     * Normalises.
     *
     * @param x {@code [..., sizes]}
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return RowNorms.apply(operation, x, shape, weight == null ? null : pass.use(weight), null);
    }

    @Override
    public void describe(Structure structure) {
        if (weight != null) {
            structure.parameter("weight", weight);
        }
    }

    @Override
    public String toString() {
        return "RmsNorm(" + shape + ", epsilon=" + operation.epsilon() + (weight == null ? ", affine=false" : "") + ")";
    }
}
