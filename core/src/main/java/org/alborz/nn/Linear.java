package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.LinearOp;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

/** A fully connected layer: {@code y = x·Wᵀ + b} on the last axis. Weights start He-normal, biases at 0. */
public final class Linear implements Fresh {
    private final int in;
    private final int out;
    private final Parameter weight;
    private final Parameter bias;
    private final LinearOp operation;

    /** Makes a layer from {@code in} to {@code out} features with a bias. */
    public Linear(int in, int out) {
        this(in, out, true, Initializer.heNormal(), Activation.NONE);
    }

    private Linear(int in, int out, boolean biased, Initializer initializer, Activation activation) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException(
                    "Linear expects at least 1 feature in and out, got " + in + " to " + out);
        }
        this.in = in;
        this.out = out;
        this.weight = Parameter.of(Shape.of(out, in), Given.value(initializer, "Linear", "an initializer"));
        this.bias = biased ? Parameter.of(Shape.of(out), Initializer.constant(0)) : null;
        this.operation = new LinearOp(Given.value(activation, "Linear", "an activation"));
    }

    /** Returns this layer with or without a bias. */
    public Linear bias(boolean biased) {
        return new Linear(in, out, biased, weight.initializer(), operation.activation());
    }

    /** Returns this layer with weights that start otherwise. */
    public Linear weight(Initializer initializer) {
        return new Linear(in, out, bias != null, initializer, operation.activation());
    }

    /** Returns this layer with an activation applied in the same pass over memory. */
    public Linear activation(Activation function) {
        return new Linear(in, out, bias != null, weight.initializer(), function);
    }

    /**
     * Computes {@code activation(x·Wᵀ + b)}.
     *
     * @param input {@code [..., in]}
     * @return {@code [..., out]}
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        Tensor x = pass.input(input, weight);
        Shape shape = x.shape();
        if (shape.rank() < 2 || shape.size(-1) != in) {
            throw new IllegalArgumentException("Linear expects input [N, " + in + "], got " + shape
                    + (shape.rank() > 2 ? "; a Flatten layer makes rows of images" : ""));
        }
        if (shape.rank() == 2) {
            return ofRows(x, pass);
        }
        try (Tensor rows = x.reshape(-1, in);
                Tensor y = ofRows(rows, pass)) {
            return y.reshape(shape.with(-1, out));
        }
    }

    private Tensor ofRows(Tensor rows, Pass pass) {
        return Engine.apply(operation, rows, pass.use(weight), bias == null ? null : pass.use(bias));
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("weight", weight);
        if (bias != null) {
            structure.parameter("bias", bias);
        }
    }

    @Override
    public String toString() {
        return "Linear(" + in + ", " + out + Activations.text(operation.activation()) + ")";
    }
}
