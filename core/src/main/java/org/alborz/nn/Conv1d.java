package org.alborz.nn;

import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Activation;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Shape;

/**
 * A one-dimensional convolution (cross-correlation) with a bias, {@code y[o, i] = b[o] + Σ w[o, c, k]·x[c, i·s + k·d − p]} with stride s, dilation d and
 * padding p. By default stride 1, no padding, dilation 1 and one group;
 * weights start He-normal, biases at 0.
 *
 * <p>Every method that changes a setting returns a new layer.
 */
public final class Conv1d implements Fresh {
    private final int in;
    private final int out;
    private final int kernel;
    private final Conv1dParameters p;
    private final Activation activation;
    private final Conv2dOp operation;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer with filters of {@code kernel} elements. */
    public Conv1d(int in, int out, int kernel) {
        this(in, out, kernel, Conv1dParameters.defaults(), true, Initializer.heNormal(), Activation.NONE);
    }

    private Conv1d(
            int in,
            int out,
            int kernel,
            Conv1dParameters p,
            boolean biased,
            Initializer initializer,
            Activation activation) {
        Given.value(p, "Conv1d", "parameters");
        ChannelCounts.require("Conv1d", in, out, p.groups(), kernel);
        this.in = in;
        this.out = out;
        this.kernel = kernel;
        this.p = p;
        this.activation = Given.value(activation, "Conv1d", "an activation");
        this.operation = new Conv2dOp(p.ofOneRow(), activation);
        this.weight = Parameter.of(
                Shape.of(out, in / p.groups(), kernel), Given.value(initializer, "Conv1d", "an initializer"));
        this.bias = biased ? Parameter.of(Shape.of(out), Initializer.constant(0)) : null;
    }

    /** Returns this layer with the given step between outputs. */
    public Conv1d stride(int stride) {
        return with(p.withStride(stride));
    }

    /** Returns this layer with zeros added on both sides. */
    public Conv1d padding(int padding) {
        return with(p.withPadding(padding));
    }

    /** Returns this layer with zeros added in front and behind; {@code padding(dilation * (kernel - 1), 0)} makes it causal. */
    public Conv1d padding(int before, int after) {
        return with(p.withPadding(before, after));
    }

    /** Returns this layer with gaps between the weights: 1 for none. */
    public Conv1d dilation(int dilation) {
        return with(p.withDilation(dilation));
    }

    /** Returns this layer as that many independent convolutions side by side. */
    public Conv1d groups(int groups) {
        return with(p.withGroups(groups));
    }

    /** Returns this layer with stride, padding, dilation and groups as given. */
    public Conv1d with(Conv1dParameters parameters) {
        return new Conv1d(in, out, kernel, parameters, bias != null, weight.initializer(), activation);
    }

    /** Returns this layer with or without a bias. */
    public Conv1d bias(boolean biased) {
        return new Conv1d(in, out, kernel, p, biased, weight.initializer(), activation);
    }

    /** Returns this layer with other initial weights. */
    public Conv1d weight(Initializer initializer) {
        return new Conv1d(in, out, kernel, p, bias != null, initializer, activation);
    }

    /** Returns this layer with an activation applied in the same pass over memory. */
    public Conv1d activation(Activation function) {
        return new Conv1d(in, out, kernel, p, bias != null, weight.initializer(), function);
    }

    /**
     * Convolves a batch of signals.
     *
     * @param input {@code [N, in, L]}
     * @return {@code [N, out, OL]} with OL = ⌊(L + P − D(K − 1) − 1) / S⌋ + 1, P being the zeros on both sides
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        if (input.shape().rank() != 3 || input.shape().size(1) != in) {
            throw new IllegalArgumentException("Conv1d expects input [N, " + in + ", L], got " + input.describe());
        }
        try (Scope scope = input.session().scope("Conv1d")) {
            Tensor x = pass.input(input, weight).unsqueeze(2);
            Tensor filter = pass.use(weight).unsqueeze(2);
            return scope.keep(Engine.apply(operation, x, filter, bias == null ? null : pass.use(bias), null)
                    .squeeze(2));
        }
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
        return "Conv1d(" + in + ", " + out + ", " + kernel + ", " + p + Activations.text(activation) + ")";
    }
}
