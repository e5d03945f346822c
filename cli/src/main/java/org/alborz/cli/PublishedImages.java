package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.alborz.data.ChannelNormalization;
import org.alborz.data.Cifar10;
import org.alborz.data.Cifar100;
import org.alborz.data.Dataset;
import org.alborz.data.FashionMnist;
import org.alborz.data.Field;
import org.alborz.data.Mnist;
import org.alborz.data.Sample;
import org.alborz.data.SampleMapping;
import org.alborz.models.Models;
import org.alborz.type.DType;

/** The published data sets of images, by the names that {@code --data} takes. All are images of 32 by 32 pixels in three channels here. */
enum PublishedImages {
    MNIST("mnist"),
    FASHION_MNIST("fashion-mnist"),
    CIFAR10("cifar10"),
    CIFAR100("cifar100");

    /** The names, for messages. */
    static final String NAMES =
            String.join(", ", Arrays.stream(values()).map(set -> set.label).toList());

    private static final List<Field> FIELDS = List.of(
            Field.image("image", DType.UINT8, 3, Models.USUAL_SIZE, Models.USUAL_SIZE)
                    .normalized(ChannelNormalization.CIFAR10), // that of all images here, also of those to predict
            Field.of("label", DType.INT32));

    private final String label;

    PublishedImages(String label) {
        this.label = label;
    }

    static Optional<PublishedImages> named(String name) {
        return Arrays.stream(values()).filter(set -> set.label.equals(name)).findFirst();
    }

    /** Returns the data set whose files are in a directory, or in a folder in it that they are published in; empty where there are none. */
    static Optional<PublishedImages> at(Path directory) {
        if (hasIdx(directory) || hasIdx(directory.resolve("MNIST/raw"))) {
            boolean isFashion = directory.toString().toLowerCase(Locale.ROOT).contains("fashion");
            return Optional.of(isFashion ? FASHION_MNIST : MNIST);
        }
        if (hasIdx(directory.resolve("FashionMNIST/raw"))) {
            return Optional.of(FASHION_MNIST);
        }
        if (Files.isDirectory(directory.resolve("cifar-100-binary"))
                || Files.isRegularFile(directory.resolve("fine_label_names.txt"))) {
            return Optional.of(CIFAR100);
        }
        return Files.isDirectory(directory.resolve("cifar-10-batches-bin"))
                        || Files.isRegularFile(directory.resolve("data_batch_1.bin"))
                        || Files.isRegularFile(directory.resolve("batches.meta.txt"))
                ? Optional.of(CIFAR10)
                : Optional.empty();
    }

    private static boolean hasIdx(Path folder) {
        return Stream.of("train", "t10k")
                .flatMap(part -> Stream.of(part + "-images-idx3-ubyte", part + "-images-idx3-ubyte.gz"))
                .anyMatch(name -> Files.isRegularFile(folder.resolve(name)));
    }

    /** Returns where the data set is kept once it was downloaded. */
    Path cache() {
        return CacheFolder.of("data").resolve(label);
    }

    /** Downloads into the cache what is not there, and returns it. */
    Path download() {
        return switch (this) {
            case MNIST -> Mnist.download(cache());
            case FASHION_MNIST -> FashionMnist.download(cache());
            case CIFAR10 -> Cifar10.download(cache());
            case CIFAR100 -> Cifar100.download(cache());
        };
    }

    Dataset training(Path directory) {
        return switch (this) {
            case MNIST -> coloured(Mnist.train(directory));
            case FASHION_MNIST -> coloured(FashionMnist.train(directory));
            case CIFAR10 -> Cifar10.train(directory);
            case CIFAR100 -> labelled(Cifar100.train(directory));
        };
    }

    Dataset test(Path directory) {
        return switch (this) {
            case MNIST -> coloured(Mnist.test(directory));
            case FASHION_MNIST -> coloured(FashionMnist.test(directory));
            case CIFAR10 -> Cifar10.test(directory);
            case CIFAR100 -> labelled(Cifar100.test(directory));
        };
    }

    private static Dataset coloured(Dataset grey) {
        Field image = grey.fields().get(0);
        return grey.map(
                FIELDS, new GrayToColor(image.shape().size(1), image.shape().size(2), Models.USUAL_SIZE));
    }

    /** Leaves out all fields but image and label. */
    private static Dataset labelled(Dataset images) {
        return images.map(FIELDS, new FirstTwo());
    }

    private record FirstTwo() implements SampleMapping {
        @Override
        public void map(Sample from, Sample into) {
            into.put(0, from.bytes(0), from.at(0));
            into.set(1, from.ints(1)[from.at(1)]);
        }
    }
}
