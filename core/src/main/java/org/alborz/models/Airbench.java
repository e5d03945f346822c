package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Rescaling;
import org.alborz.nn.Sequential;
import org.alborz.text.Given;

/**
 * The net of airbench94 (Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU"), made to learn CIFAR-10 in few epochs: a convolution of 2×2 that
 * whitens patches, three groups of two 3×3 convolutions with batch normalisation and GELU, of 64, 256 and 256 channels, each with a max pooling, and one
 * linear layer whose logits are divided by 9.
 *
 * <p>The first filters of a 3×3 convolution begin as the identity, as many as it has inputs, and the others as PyTorch's.
 */
public final class Airbench {
    /** The name of the bias of the whitening convolution, which the paper trains in the first three of ten epochs. */
    public static final String WHITENING_BIAS = "0.bias";

    private static final String WHITENING = "0.weight";

    /** How many values a patch has. */
    private static final int PATCH = 3 * 2 * 2;

    private static final int FILTERS = 2 * PATCH;
    private static final int[] CHANNELS = {64, 256, 256};
    private static final int CHANNEL_STEP = 8;
    private static final double NORM_MOMENTUM = 0.4;
    private static final double NORM_EPSILON = 1e-12;
    private static final double LOGIT_SCALE = 1.0 / 9;

    private Airbench() {}

    /**
     * Returns a new net for images {@code [N, 3, 32, 32]}; 1.97 million parameters with width 1 and ten classes.
     *
     * @param width what the numbers of channels of the groups are multiplied by, above 0 and at most 16; they are rounded to multiples of 8
     * @param whitening the first filters {@code [24, 3, 2, 2]} in row-major order, as {@link org.alborz.data.PatchWhitening} computes them of the training images
     */
    public static Sequential of(int classes, double width, double... whitening) {
        if (!(width > 0 && width <= 16)) {
            throw new IllegalArgumentException("Airbench expects a width above 0 and at most 16, got " + width);
        }
        Given.value(whitening, "Airbench", "whitening filters");
        if (whitening.length != FILTERS * PATCH) {
            throw new IllegalArgumentException("Airbench expects whitening filters [24, 3, 2, 2], which are "
                    + FILTERS * PATCH + " numbers, got " + whitening.length
                    + "; PatchWhitening computes them of patches of 2x2 pixels in 3 channels");
        }
        List<Layer> layers = new ArrayList<>();
        int in = FILTERS;
        layers.add(new Conv2d(3, in, 2).weight(Initializer.values(whitening)));
        layers.add(Activations.gelu());
        for (int channels : CHANNELS) {
            int out = CHANNEL_STEP * (int) Math.max(1, Math.round(channels * width / CHANNEL_STEP));
            layers.add(group(in, out));
            in = out;
        }
        layers.add(new MaxPool2d(3));
        layers.add(new Flatten());
        layers.add(new Linear(in, classes).bias(false).weight(Initializer.uniform(1 / Math.sqrt(in))));
        layers.add(new Rescaling(LOGIT_SCALE));
        return new Sequential(layers);
    }

    private static Layer group(int in, int out) {
        return new Sequential(
                conv(in, out),
                new MaxPool2d(2),
                new BatchNorm(out, NORM_MOMENTUM, NORM_EPSILON),
                Activations.gelu(),
                conv(out, out),
                new BatchNorm(out, NORM_MOMENTUM, NORM_EPSILON),
                Activations.gelu());
    }

    private static Layer conv(int in, int out) {
        return Blocks.conv(in, out, 3, 1).weight(identityFirst(in));
    }

    /** Begins with the identity for as many filters as there are inputs, or outputs where these are fewer, the others uniform. */
    private static Initializer identityFirst(int in) {
        Initializer uniform = Initializer.uniform(1 / Math.sqrt(in * 9.0));
        Initializer identity = Initializer.dirac();
        return (shape, values, random) -> {
            uniform.fill(shape, values, random);
            double[] first = new double[Math.min(in, shape.size(0)) * in * 9];
            identity.fill(shape.with(0, Math.min(in, shape.size(0))), first, random);
            System.arraycopy(first, 0, values, 0, first.length);
        };
    }

    /** Freezes what the paper does not train: the whitening filters, and the weights of batch norms, which stay 1. */
    public static void freeze(Model model) {
        model.freeze(name -> name.equals(WHITENING)
                || name.endsWith(".weight") && model.parameter(name).shape().rank() == 1);
    }

    /** Tells whether a name is that of a bias of a batch norm, which the paper trains at 64 times the learning rate of the others. */
    public static boolean isNormBias(String name) {
        return name.endsWith(".bias") && !name.equals(WHITENING_BIAS);
    }
}
