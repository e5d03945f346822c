package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.Shape;

/**
 * A transposed convolution of volumes: the gradient of a convolution with respect to its input, which enlarges by the stride:
 * the sum of b[o] and of {@code w[c, o, m, k, l]·x[c, h, i, j]} for each place of the result with {@code h·s + m·d − p}, {@code i·s + k·d − p} and
 * {@code j·s + l·d − p} as its indices (Dumoulin and Visin 2016; PyTorch's {@code ConvTranspose3d}). By default stride 1, no padding, dilation 1, one group and no output
 * padding; weights {@code [in, out/groups, KD, KH, KW]} start He-normal, biases at 0.
 *
 * <p>Every method that changes a setting returns a new layer.
 */
public final class ConvTranspose3d implements Fresh {
    private final int in;
    private final int out;
    private final int[] kernel;
    private final Conv3dParameters p;
    private final int outputPadding;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer with filters of {@code kernel} planes, rows and columns. */
    public ConvTranspose3d(int in, int out, int kernel) {
        this(in, out, kernel, kernel, kernel);
    }

    /** Makes a layer with filters of {@code kernelD} planes of {@code kernelH} rows and {@code kernelW} columns. */
    public ConvTranspose3d(int in, int out, int kernelD, int kernelH, int kernelW) {
        this(
                in,
                out,
                new int[] {kernelD, kernelH, kernelW},
                Conv3dParameters.defaults(),
                0,
                true,
                Initializer.heNormal());
    }

    private ConvTranspose3d(
            int in,
            int out,
            int[] kernel,
            Conv3dParameters p,
            int outputPadding,
            boolean biased,
            Initializer initializer) {
        Given.value(p, "ConvTranspose3d", "parameters");
        ChannelCounts.require("ConvTranspose3d", in, out, p.plane().groups(), kernel);
        this.in = in;
        this.out = out;
        this.kernel = kernel;
        this.p = p;
        this.outputPadding = outputPadding;
        this.weight = Parameter.of(
                Shape.of(in, out / p.plane().groups(), kernel[0], kernel[1], kernel[2]),
                Given.value(initializer, "ConvTranspose3d", "an initializer"));
        this.bias = biased ? Parameter.of(Shape.of(out), Initializer.constant(0)) : null;
    }

    /** Returns this layer with the given distance between the results of neighbouring inputs. */
    public ConvTranspose3d stride(int stride) {
        return with(p.withStride(stride));
    }

    /** Returns this layer with the given number of planes, rows and columns removed on all six sides. */
    public ConvTranspose3d padding(int padding) {
        return with(p.withPadding(padding));
    }

    /** Returns this layer with gaps between the weights: 1 for none. */
    public ConvTranspose3d dilation(int dilation) {
        return with(p.withDilation(dilation));
    }

    /** Returns this layer as that many independent transposed convolutions side by side. */
    public ConvTranspose3d groups(int groups) {
        return with(p.withGroups(groups));
    }

    /** Returns this layer with a result that is larger at the end of each axis by this output padding, which is less than the stride. */
    public ConvTranspose3d outputPadding(int size) {
        return new ConvTranspose3d(in, out, kernel, p, size, bias != null, weight.initializer());
    }

    /** Returns this layer with the parameters of the convolution that it is the transpose of. */
    public ConvTranspose3d with(Conv3dParameters parameters) {
        return new ConvTranspose3d(in, out, kernel, parameters, outputPadding, bias != null, weight.initializer());
    }

    /** Returns this layer with or without a bias. */
    public ConvTranspose3d bias(boolean biased) {
        return new ConvTranspose3d(in, out, kernel, p, outputPadding, biased, weight.initializer());
    }

    /** Returns this layer with other initial weights; of their shape, fan-in is {@code out/groups·KD·KH·KW}. */
    public ConvTranspose3d weight(Initializer initializer) {
        return new ConvTranspose3d(in, out, kernel, p, outputPadding, bias != null, initializer);
    }

    /**
     * Enlarges a batch of volumes.
     *
     * @param input {@code [N, in, D, H, W]}
     * @return {@code [N, out, OD, OH, OW]}, each axis of (size − 1)·S − P + D·(K − 1) + 1 + output padding, P being the padding on both sides
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (Scope scope = input.session().scope("ConvTranspose3d")) {
            return scope.keep(pass.input(input, weight)
                    .convTranspose3d(pass.use(weight), bias == null ? null : pass.use(bias), p, outputPadding));
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
        return "ConvTranspose3d(" + in + ", " + out + ", " + kernel[0] + "x" + kernel[1] + "x" + kernel[2] + ", " + p
                + (outputPadding == 0 ? "" : ", outputPadding=" + outputPadding) + ")";
    }
}
