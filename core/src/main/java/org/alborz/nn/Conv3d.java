package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.Shape;

/**
 * A three-dimensional convolution (cross-correlation) with a bias, {@code y[o, h, i, j] = b[o] + Σ w[o, c, m, k, l]·x[c, h·s + m·d − p, i·s + k·d − p, j·s + l·d − p]}
 * with stride s, dilation d and padding p. By default stride 1, no padding, dilation 1 and one group;
 * weights start He-normal, biases at 0.
 *
 * <p>Every method that changes a setting returns a new layer.
 */
public final class Conv3d implements Fresh {
    private final int in;
    private final int out;
    private final int[] kernel;
    private final Conv3dParameters p;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer with filters of {@code kernel} planes, rows and columns. */
    public Conv3d(int in, int out, int kernel) {
        this(in, out, kernel, kernel, kernel);
    }

    /** Makes a layer with filters of {@code kernelD} planes of {@code kernelH} rows and {@code kernelW} columns. */
    public Conv3d(int in, int out, int kernelD, int kernelH, int kernelW) {
        this(in, out, new int[] {kernelD, kernelH, kernelW}, Conv3dParameters.defaults(), true, Initializer.heNormal());
    }

    private Conv3d(int in, int out, int[] kernel, Conv3dParameters p, boolean biased, Initializer initializer) {
        int groups = Given.value(p, "Conv3d", "parameters").plane().groups();
        ChannelCounts.require("Conv3d", in, out, groups, kernel);
        this.in = in;
        this.out = out;
        this.kernel = kernel;
        this.p = p;
        this.weight = Parameter.of(
                Shape.of(out, in / groups, kernel[0], kernel[1], kernel[2]),
                Given.value(initializer, "Conv3d", "an initializer"));
        this.bias = biased ? Parameter.of(Shape.of(out), Initializer.constant(0)) : null;
    }

    /** Returns this layer with the given step between outputs, along all three axes. */
    public Conv3d stride(int stride) {
        return with(p.withStride(stride));
    }

    /** Returns this layer with zeros added on all six sides. */
    public Conv3d padding(int padding) {
        return with(p.withPadding(padding));
    }

    /** Returns this layer with gaps between the weights: 1 for none. */
    public Conv3d dilation(int dilation) {
        return with(p.withDilation(dilation));
    }

    /** Returns this layer as that many independent convolutions side by side. */
    public Conv3d groups(int groups) {
        return with(p.withGroups(groups));
    }

    /** Returns this layer with stride, padding, dilation and groups as given, each axis apart. */
    public Conv3d with(Conv3dParameters parameters) {
        return new Conv3d(in, out, kernel, parameters, bias != null, weight.initializer());
    }

    /** Returns this layer with or without a bias. */
    public Conv3d bias(boolean biased) {
        return new Conv3d(in, out, kernel, p, biased, weight.initializer());
    }

    /** Returns this layer with other initial weights. */
    public Conv3d weight(Initializer initializer) {
        return new Conv3d(in, out, kernel, p, bias != null, initializer);
    }

    /**
     * Convolves a batch of volumes.
     *
     * @param input {@code [N, in, D, H, W]}
     * @return {@code [N, out, OD, OH, OW]}, each axis of ⌊(size + P − D(K − 1) − 1) / S⌋ + 1, P being the zeros on both sides
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (Scope scope = input.session().scope("Conv3d")) {
            return scope.keep(
                    pass.input(input, weight).conv3d(pass.use(weight), bias == null ? null : pass.use(bias), p));
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
        return "Conv3d(" + in + ", " + out + ", " + kernel[0] + "x" + kernel[1] + "x" + kernel[2] + ", " + p + ")";
    }
}
