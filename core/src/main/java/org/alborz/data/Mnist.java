package org.alborz.data;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * MNIST (LeCun, Cortes and Burges 1998): 60,000 training and 10,000 test images of handwritten digits, 28 by 28 pixels, grey.
 *
 * <p>Read from the four published files in the IDX format, such as {@code train-images-idx3-ubyte.gz}, or unpacked. Images are normalised
 * by {@link #NORMALIZATION} on the device.
 */
public final class Mnist {
    /** The mean and standard deviation of the training images. */
    public static final ChannelNormalization NORMALIZATION =
            new ChannelNormalization(new float[] {0.1307f}, new float[] {0.3081f});

    private static final PublishedIdx PUBLISHED = new PublishedIdx(
            "MNIST",
            "Mnist",
            List.of("MNIST/raw"),
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
            NORMALIZATION,
            List.of(
                    URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
                    URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/")),
            List.of(
                    new Download.Remote(
                            "train-images-idx3-ubyte.gz",
                            9_912_422,
                            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                    new Download.Remote(
                            "train-labels-idx1-ubyte.gz",
                            28_881,
                            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                    new Download.Remote(
                            "t10k-images-idx3-ubyte.gz",
                            1_648_877,
                            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                    new Download.Remote(
                            "t10k-labels-idx1-ubyte.gz",
                            4_542,
                            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")));

    private Mnist() {}

    /**
     * Reads the 60,000 training images.
     *
     * @param directory holds the files, or {@code MNIST/raw} with them, as torchvision stores them
     * @throws DataException when a file is missing or damaged
     */
    public static IdxImages train(Path directory) {
        return PUBLISHED.read(directory, "training", "train");
    }

    /** Reads the 10,000 test images, as {@link #train} does the others. */
    public static IdxImages test(Path directory) {
        return PUBLISHED.read(directory, "test", "t10k");
    }

    /**
     * Downloads the files that the directory does not have, 12 MB together. An interrupted download is continued where it ended,
     * by this call or a later one.
     *
     * @return the directory
     * @throws DataException when there is no network, or a downloaded file is not the published one; the message says how to get it in another way
     */
    public static Path download(Path directory) {
        return PUBLISHED.download(directory);
    }
}
