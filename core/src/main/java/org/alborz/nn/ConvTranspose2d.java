package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * A transposed convolution of images: the gradient of a convolution with respect to its input, which enlarges by the stride,
 * {@code y[o, r, q] = b[o] + Σ w[c, o, k, l]·x[c, i, j]} over all with {@code i·s + k·d − p = r} and {@code j·s + l·d − p = q}
 * (Dumoulin and Visin 2016; PyTorch's {@code ConvTranspose2d}). By default stride 1, no padding, dilation 1, one group and no output
 * padding; weights {@code [in, out/groups, K, K]} start He-normal, biases at 0.
 *
 * <p>Every method that changes a setting returns a new layer.
 */
public final class ConvTranspose2d implements Fresh {
    private final int in;
    private final int out;
    private final int kernel;
    private final Conv2dParameters p;
    private final int outputPadding;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer with square filters of {@code kernel} rows and columns. */
    public ConvTranspose2d(int in, int out, int kernel) {
        this(in, out, kernel, Conv2dParameters.defaults(), 0, true, Initializer.heNormal());
    }

    private ConvTranspose2d(
            int in,
            int out,
            int kernel,
            Conv2dParameters p,
            int outputPadding,
            boolean biased,
            Initializer initializer) {
        Given.value(p, "ConvTranspose2d", "parameters");
        ChannelCounts.require("ConvTranspose2d", in, out, p.groups(), kernel);
        this.in = in;
        this.out = out;
        this.kernel = kernel;
        this.p = p;
        this.outputPadding = outputPadding;
        this.weight = Parameter.of(
                Shape.of(in, out / p.groups(), kernel, kernel),
                Given.value(initializer, "ConvTranspose2d", "an initializer"));
        this.bias = biased ? Parameter.of(Shape.of(out), Initializer.constant(0)) : null;
    }

    /** Returns this layer with the given distance between the results of neighbouring inputs. */
    public ConvTranspose2d stride(int stride) {
        return with(p.withStride(stride));
    }

    /** Returns this layer with the given number of rows and columns removed on all four sides. */
    public ConvTranspose2d padding(int padding) {
        return with(p.withPadding(padding));
    }

    /** Returns this layer with gaps between the weights: 1 for none. */
    public ConvTranspose2d dilation(int dilation) {
        return with(p.withDilation(dilation));
    }

    /** Returns this layer as that many independent transposed convolutions side by side. */
    public ConvTranspose2d groups(int groups) {
        return with(p.withGroups(groups));
    }

    /** Returns this layer with a result that is larger at the end by this output padding, which is less than the stride. */
    public ConvTranspose2d outputPadding(int size) {
        return new ConvTranspose2d(in, out, kernel, p, size, bias != null, weight.initializer());
    }

    /** Returns this layer with the parameters of the convolution that it is the transpose of. */
    public ConvTranspose2d with(Conv2dParameters parameters) {
        return new ConvTranspose2d(in, out, kernel, parameters, outputPadding, bias != null, weight.initializer());
    }

    /** Returns this layer with or without a bias. */
    public ConvTranspose2d bias(boolean biased) {
        return new ConvTranspose2d(in, out, kernel, p, outputPadding, biased, weight.initializer());
    }

    /** Returns this layer with other initial weights; of their shape, fan-in is {@code out/groups·K·K}. */
    public ConvTranspose2d weight(Initializer initializer) {
        return new ConvTranspose2d(in, out, kernel, p, outputPadding, bias != null, initializer);
    }

    /**
     * Enlarges a batch of images.
     *
     * @param input {@code [N, in, H, W]}
     * @return {@code [N, out, OH, OW]} with OH = (H − 1)·S − P + D·(K − 1) + 1 + output padding, P being the padding on both sides
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (Scope scope = input.session().scope("ConvTranspose2d")) {
            return scope.keep(pass.input(input, weight)
                    .convTranspose2d(pass.use(weight), bias == null ? null : pass.use(bias), p, outputPadding));
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
        return "ConvTranspose2d(" + in + ", " + out + ", " + kernel + ", " + p
                + (outputPadding == 0 ? "" : ", outputPadding=" + outputPadding) + ")";
    }
}
