package org.alborz.data;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 60,000 training and 10,000 test images of clothes in ten classes, in the format of
 * {@link Mnist}. Images are normalised by {@link #NORMALIZATION} on the device.
 */
public final class FashionMnist {
    /** The mean and standard deviation of the training images. */
    public static final ChannelNormalization NORMALIZATION =
            new ChannelNormalization(new float[] {0.2860f}, new float[] {0.3530f});

    private static final PublishedIdx PUBLISHED = new PublishedIdx(
            "Fashion-MNIST",
            "FashionMnist",
            List.of("FashionMNIST/raw"),
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot"),
            NORMALIZATION,
            List.of(
                    URI.create("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
                    URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")),
            List.of(
                    new Download.Remote(
                            "train-images-idx3-ubyte.gz",
                            26_421_880,
                            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                    new Download.Remote(
                            "train-labels-idx1-ubyte.gz",
                            29_515,
                            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                    new Download.Remote(
                            "t10k-images-idx3-ubyte.gz",
                            4_422_102,
                            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                    new Download.Remote(
                            "t10k-labels-idx1-ubyte.gz",
                            5_148,
                            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")));

    private FashionMnist() {}

    /**
     * Reads the 60,000 training images.
     *
     * @param directory holds the files, or {@code FashionMNIST/raw} with them, as torchvision stores them
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
     * Downloads the files that the directory does not have, 31 MB together, as {@link Mnist#download} does.
     *
     * @return the directory
     * @throws DataException when there is no network, or a downloaded file is not the published one; the message says how to get it in another way
     */
    public static Path download(Path directory) {
        return PUBLISHED.download(directory);
    }
}
