package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Sequential;
import org.alborz.type.Activation;

/** Image classifiers for square images in three channels, by default of 32×32 pixels. */
public final class Models {
    /** The names that {@link #byName} takes. */
    public static final List<String> NAMES = List.of(
            "cifar-cnn",
            "inception",
            "lenet5",
            "mlp",
            "mobilenet-v2",
            "resnet18",
            "resnet20",
            "resnet50",
            "resnet56",
            "vgg11",
            "vgg16");

    private static final int CHANNELS = 3;

    /** Height and width of an image unless another size is given. */
    public static final int USUAL_SIZE = 32;

    /** The size that two poolings reduce to one pixel. */
    private static final int SMALLEST_CNN = 4;

    /** The size that five poolings reduce to one pixel. */
    private static final int SMALLEST_VGG = 32;

    private Models() {}

    /** Returns a new net of a name in {@link #NAMES}, for images {@code [N, 3, 32, 32]}. */
    public static Sequential byName(String name, int classes) {
        return byName(name, classes, USUAL_SIZE);
    }

    /**
     * Returns a new net of a name in {@link #NAMES}, for images {@code [N, 3, size, size]}.
     *
     * @param size at least {@link #smallestSize}
     */
    public static Sequential byName(String name, int classes, int size) {
        if (size < 1 || size > 1 << 14) {
            throw new IllegalArgumentException(
                    "Models expect images of 1 to " + (1 << 14) + " pixels a side, got " + size);
        }
        int smallest = smallestSize(name);
        if (size < smallest) {
            throw new IllegalArgumentException(
                    name + " expects images of at least " + smallest + " pixels a side, got " + size);
        }
        return switch (name) {
            case "cifar-cnn" -> cifarCnn(classes, size);
            case "mlp" -> mlp(CHANNELS * size * size, 512, classes);
            case "inception" -> Inception.of(classes);
            case "lenet5" -> LeNet.of(classes, CHANNELS, size);
            case "mobilenet-v2" -> MobileNetV2.of(classes, size);
            case "resnet18" -> ResNet.resnet18(classes, size);
            case "resnet20" -> resnet20(classes);
            case "resnet50" -> ResNet.resnet50(classes, size);
            case "resnet56" -> ResNet.cifar(classes, 9);
            case "vgg11" -> Vgg.vgg11(classes);
            case "vgg16" -> Vgg.vgg16(classes);
            default -> throw new IllegalArgumentException("Model '" + name + "' is unknown; expected one of " + NAMES);
        };
    }

    /** Returns the least height and width of an image that a net can take; 1 unless its poolings need more. */
    public static int smallestSize(String name) {
        return switch (name) {
            case "cifar-cnn" -> SMALLEST_CNN;
            case "lenet5" -> LeNet.SMALLEST;
            case "vgg11", "vgg16" -> SMALLEST_VGG;
            default -> 1;
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
                Blocks.scores(512, classes));
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
        layers.add(Blocks.scores(sizes[sizes.length - 2], sizes[sizes.length - 1]));
        return new Sequential(layers);
    }

    /**
     * Returns the 20-layer residual net for CIFAR-10 (He et al. 2016, section 4.2): three stages of three blocks with 16, 32 and 64
     * channels; 0.27 million parameters. Where a stage halves the image, the shortcut is a 1×1 convolution (the paper's option B).
     */
    public static Sequential resnet20(int classes) {
        return ResNet.cifar(classes, 3);
    }
}
