package org.alborz.nn;

import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Padding2d;
import org.alborz.type.Shape;

/**
 * A two-dimensional convolution (cross-correlation) with a bias, {@code y[o, i, j] = b[o] + Σ w[o, c, k, l]·x[c, i·s + k·d − p, j·s + l·d − p]}
 * with stride s, dilation d and padding p. Stride 1, no padding, dilation 1 and one group unless said
 * otherwise; weights start He-normal, biases at 0.
 *
 * <p>Every method that changes a setting returns a new layer.
 */
public final class Conv2d implements Fresh {
    private final int in;
    private final int out;
    private final int kernelH;
    private final int kernelW;
    private final Conv2dParameters p;
    private final Activation activation;
    private final Conv2dOp operation;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer with square filters. */
    public Conv2d(int in, int out, int kernel) {
        this(in, out, kernel, kernel);
    }

    /** Makes a layer with filters of {@code kernelH} rows and {@code kernelW} columns. */
    public Conv2d(int in, int out, int kernelH, int kernelW) {
        this(in, out, kernelH, kernelW, Conv2dParameters.defaults(), true, Initializer.heNormal(), Activation.NONE);
    }

    private Conv2d(
            int in,
            int out,
            int kernelH,
            int kernelW,
            Conv2dParameters p,
            boolean biased,
            Initializer initializer,
            Activation activation) {
        Given.value(p, "Conv2d", "parameters");
        Given.value(initializer, "Conv2d", "an initializer");
        ChannelCounts.require("Conv2d", in, out, p.groups(), kernelH, kernelW);
        this.in = in;
        this.out = out;
        this.kernelH = kernelH;
        this.kernelW = kernelW;
        this.p = p;
        this.activation = Given.value(activation, "Conv2d", "an activation");
        this.operation = new Conv2dOp(p, activation);
        this.weight = Parameter.filter(Shape.of(out, in / p.groups(), kernelH, kernelW), initializer);
        this.bias = biased ? Parameter.of(Shape.of(out), Initializer.constant(0)) : null;
    }

    /** Returns this layer with the given step between outputs, in rows and columns. */
    public Conv2d stride(int stride) {
        return with(p.withStride(stride));
    }

    /** Returns this layer with zeros added on all four sides. */
    public Conv2d padding(int padding) {
        return with(p.withPadding(padding));
    }

    /** Returns this layer with zeros added on each side as given, such as {@link Padding2d#same}. */
    public Conv2d padding(Padding2d padding) {
        return with(p.withPadding(padding));
    }

    /** Returns this layer with gaps between the weights: 1 for none. */
    public Conv2d dilation(int dilation) {
        return with(p.withDilation(dilation));
    }

    /** Returns this layer as that many independent convolutions side by side. */
    public Conv2d groups(int groups) {
        return with(p.withGroups(groups));
    }

    /** Returns this layer with stride, padding, dilation and groups as given, rows and columns apart. */
    public Conv2d with(Conv2dParameters parameters) {
        return new Conv2d(in, out, kernelH, kernelW, parameters, bias != null, weight.initializer(), activation);
    }

    /** Returns this layer with or without a bias. */
    public Conv2d bias(boolean biased) {
        return new Conv2d(in, out, kernelH, kernelW, p, biased, weight.initializer(), activation);
    }

    /** Returns this layer with weights that start otherwise. */
    public Conv2d weight(Initializer initializer) {
        return new Conv2d(in, out, kernelH, kernelW, p, bias != null, initializer, activation);
    }

    /** Returns this layer with an activation applied in the same pass over memory. */
    public Conv2d activation(Activation function) {
        return new Conv2d(in, out, kernelH, kernelW, p, bias != null, weight.initializer(), function);
    }

    /**
     * Convolves a batch of images.
     *
     * @param input {@code [N, in, H, W]}
     * @return {@code [N, out, OH, OW]} with OH = ⌊(H + P − D(K − 1) − 1) / S⌋ + 1, P being the zeros on both sides
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        Tensor x = pass.input(input, weight);
        return Engine.apply(operation, x, pass.use(weight), bias == null ? null : pass.use(bias), null);
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
        return "Conv2d(" + in + ", " + out + ", " + kernelH + "x" + kernelW + ", " + p + Activations.text(activation)
                + ")";
    }
}
