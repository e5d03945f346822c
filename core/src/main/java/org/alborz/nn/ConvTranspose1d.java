package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Shape;

/**
 * A transposed convolution of signals: the gradient of a convolution with respect to its input, which enlarges by the stride,
 * {@code y[o, j] = b[o] + Σ w[c, o, k]·x[c, i]} over all i and k with {@code i·s + k·d − p = j}
 * (Dumoulin and Visin 2016; PyTorch's {@code ConvTranspose1d}). By default stride 1, no padding, dilation 1, one group and no output
 * padding; weights {@code [in, out/groups, K]} start He-normal, biases at 0.
 *
 * <p>Every method that changes a setting returns a new layer.
 */
public final class ConvTranspose1d implements Fresh {
    private final int in;
    private final int out;
    private final int kernel;
    private final Conv1dParameters p;
    private final int outputPadding;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer with filters of {@code kernel} elements. */
    public ConvTranspose1d(int in, int out, int kernel) {
        this(in, out, kernel, Conv1dParameters.defaults(), 0, true, Initializer.heNormal());
    }

    private ConvTranspose1d(
            int in,
            int out,
            int kernel,
            Conv1dParameters p,
            int outputPadding,
            boolean biased,
            Initializer initializer) {
        Given.value(p, "ConvTranspose1d", "parameters");
        ChannelCounts.require("ConvTranspose1d", in, out, p.groups(), kernel);
        this.in = in;
        this.out = out;
        this.kernel = kernel;
        this.p = p;
        this.outputPadding = outputPadding;
        this.weight = Parameter.of(
                Shape.of(in, out / p.groups(), kernel), Given.value(initializer, "ConvTranspose1d", "an initializer"));
        this.bias = biased ? Parameter.of(Shape.of(out), Initializer.constant(0)) : null;
    }

    /** Returns this layer with the given distance between the results of neighbouring inputs. */
    public ConvTranspose1d stride(int stride) {
        return with(p.withStride(stride));
    }

    /** Returns this layer with the given number of elements removed on both sides. */
    public ConvTranspose1d padding(int padding) {
        return with(p.withPadding(padding));
    }

    /** Returns this layer with gaps between the weights: 1 for none. */
    public ConvTranspose1d dilation(int dilation) {
        return with(p.withDilation(dilation));
    }

    /** Returns this layer as that many independent transposed convolutions side by side. */
    public ConvTranspose1d groups(int groups) {
        return with(p.withGroups(groups));
    }

    /** Returns this layer with a result that is larger at the end by this output padding, which is less than the stride. */
    public ConvTranspose1d outputPadding(int size) {
        return new ConvTranspose1d(in, out, kernel, p, size, bias != null, weight.initializer());
    }

    /** Returns this layer with the parameters of the convolution that it is the transpose of. */
    public ConvTranspose1d with(Conv1dParameters parameters) {
        return new ConvTranspose1d(in, out, kernel, parameters, outputPadding, bias != null, weight.initializer());
    }

    /** Returns this layer with or without a bias. */
    public ConvTranspose1d bias(boolean biased) {
        return new ConvTranspose1d(in, out, kernel, p, outputPadding, biased, weight.initializer());
    }

    /** Returns this layer with other initial weights; of their shape, fan-in is {@code out/groups·K}. */
    public ConvTranspose1d weight(Initializer initializer) {
        return new ConvTranspose1d(in, out, kernel, p, outputPadding, bias != null, initializer);
    }

    /**
     * Enlarges a batch of signals.
     *
     * @param input {@code [N, in, L]}
     * @return {@code [N, out, OL]} with OL = (L − 1)·S − P + D·(K − 1) + 1 + output padding, P being the padding on both sides
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (Scope scope = input.session().scope("ConvTranspose1d")) {
            return scope.keep(pass.input(input, weight)
                    .convTranspose1d(pass.use(weight), bias == null ? null : pass.use(bias), p, outputPadding));
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
        return "ConvTranspose1d(" + in + ", " + out + ", " + kernel + ", " + p
                + (outputPadding == 0 ? "" : ", outputPadding=" + outputPadding) + ")";
    }
}
