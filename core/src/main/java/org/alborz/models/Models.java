package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.type.Activation;

/** Image classifiers for square images in three channels, 32×32 pixels unless said otherwise. */
public final class Models {
    /** The names that {@link #byName} takes. */
    public static final List<String> NAMES = List.of("cifar-cnn", "mlp", "resnet20");

    private static final int CHANNELS = 3;

    /** Height and width of an image unless another size is given. */
    public static final int USUAL_SIZE = 32;

    /** What two poolings leave a pixel of. */
    private static final int SMALLEST_CNN = 4;

    private Models() {}

    /** Returns a new net of a name in {@link #NAMES}, for images {@code [N, 3, 32, 32]}. */
    public static Sequential byName(String name, int classes) {
        return byName(name, classes, USUAL_SIZE);
    }

    /**
     * Returns a new net of a name in {@link #NAMES}, for images {@code [N, 3, size, size]}.
     *
     * @param size at least 1, of the CNN at least 4; the residual net is the same for all
     */
    public static Sequential byName(String name, int classes, int size) {
        if (size < 1 || size > 1 << 14) {
            throw new IllegalArgumentException(
                    "Models expect images of 1 to " + (1 << 14) + " pixels a side, got " + size);
        }
        return switch (name) {
            case "cifar-cnn" -> cifarCnn(classes, size);
            case "mlp" -> mlp(CHANNELS * size * size, 512, classes);
            case "resnet20" -> resnet20(classes);
            default -> throw new IllegalArgumentException("Model '" + name + "' is unknown; expected one of " + NAMES);
        };
    }

    /**
     * Returns the CNN of the Keras CIFAR-10 example: two blocks of two 3×3 convolutions (32, then 64 channels), max pooling and
     * dropout, then 512 hidden units; 2.1 million parameters. All convolutions keep the image's size.
     */
    public static Sequential cifarCnn(int classes) {
        return cifarCnn(classes, USUAL_SIZE);
    }

    private static Sequential cifarCnn(int classes, int size) {
        if (size < SMALLEST_CNN) {
            throw new IllegalArgumentException(
                    "cifar-cnn expects images of at least " + SMALLEST_CNN + " pixels a side, got " + size);
        }
        int pooled = size / 2 / 2;
        return new Sequential(
                convRelu(CHANNELS, 32),
                convRelu(32, 32),
                new MaxPool2d(2),
                new Dropout(0.25),
                convRelu(32, 64),
                convRelu(64, 64),
                new MaxPool2d(2),
                new Dropout(0.25),
                new Flatten(),
                new Linear(64 * pooled * pooled, 512).activation(Activation.RELU),
                new Dropout(0.5),
                scores(512, classes));
    }

    /** Returns the last layer, whose small weights make the first loss ln C: no class is preferred before anything was learned. */
    private static Layer scores(int in, int classes) {
        return new Linear(in, classes).weight(Initializer.normal(0.01));
    }

    private static Layer convRelu(int in, int out) {
        return new Conv2d(in, out, 3).padding(1).activation(Activation.RELU);
    }

    /** Returns fully connected layers of the given sizes with rectifiers between them; images are flattened. */
    public static Sequential mlp(int... sizes) {
        if (sizes.length < 2) {
            throw new IllegalArgumentException("mlp expects at least an input and an output size, got " + sizes.length);
        }
        List<Layer> layers = new ArrayList<>();
        layers.add(new Flatten());
        for (int i = 1; i < sizes.length - 1; i++) {
            layers.add(new Linear(sizes[i - 1], sizes[i]).activation(Activation.RELU));
        }
        layers.add(scores(sizes[sizes.length - 2], sizes[sizes.length - 1]));
        return new Sequential(layers);
    }

    /**
     * Returns the 20-layer residual net for CIFAR-10 (He et al. 2016, section 4.2): three stages of three blocks with 16, 32 and 64
     * channels; 0.27 million parameters. Where a stage halves the image, the shortcut is a 1×1 convolution (the paper's option B).
     */
    public static Sequential resnet20(int classes) {
        List<Layer> layers = new ArrayList<>();
        layers.add(conv(CHANNELS, 16, 3, 1));
        layers.add(new BatchNorm(16));
        layers.add(Activations.relu());
        int in = 16;
        for (int out : new int[] {16, 32, 64}) {
            for (int block = 0; block < 3; block++) {
                layers.add(residual(in, out));
                in = out;
            }
        }
        layers.add(new GlobalAvgPool2d());
        layers.add(scores(64, classes));
        return new Sequential(layers);
    }

    private static Layer residual(int in, int out) {
        int stride = in == out ? 1 : 2;
        Layer body = new Sequential(
                conv(in, out, 3, stride),
                new BatchNorm(out),
                Activations.relu(),
                conv(out, out, 3, 1),
                new BatchNorm(out));
        return in == out
                ? new Residual(body)
                : new Residual(body, new Sequential(conv(in, out, 1, stride), new BatchNorm(out)));
    }

    private static Layer conv(int in, int out, int kernel, int stride) {
        return new Conv2d(in, out, kernel).stride(stride).padding(kernel / 2).bias(false);
    }
}
