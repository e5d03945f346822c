package org.alborz.examples.lessons;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.alborz.data.BatchIterator;
import org.alborz.data.ChannelNormalization;
import org.alborz.data.Cifar10;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.GeneratedImages;
import org.alborz.data.MeanImage;
import org.alborz.data.Split;
import org.alborz.data.Subset;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;
import org.alborz.type.DType;

/** The images of the course: CIFAR-10 where its folder was named, else generated images of the same size and number of classes. */
public final class LessonData {
    private final Path cifar10;
    private final long seed;

    LessonData(Path cifar10, long seed) {
        this.cifar10 = cifar10;
        this.seed = seed;
    }

    /** Tells whether the images are CIFAR-10's. */
    public boolean isCifar10() {
        return cifar10 != null;
    }

    /** Returns the first images for training, of [3, 32, 32] in ten classes. */
    public Dataset train(int size) {
        return isCifar10() ? Subset.first(Cifar10.train(cifar10), size) : GeneratedImages.train(seed, size);
    }

    /** Returns the first images for tests. */
    public Dataset test(int size) {
        return isCifar10() ? Subset.first(Cifar10.test(cifar10), size) : GeneratedImages.test(seed, size);
    }

    /**
     * Returns images in the units of the notes: float32 pixels from 0 to 255, of which the mean image of the first part is subtracted.
     * The second part, for validation, are images that follow those of the first.
     */
    public Split centred(int train, int validation) {
        Dataset pixels = bytes(train(train + validation));
        Dataset first = Subset.range(pixels, 0, train);
        MeanImage mean = MeanImage.of(first);
        return new Split(mean.apply(first), mean.apply(Subset.range(pixels, train, train + validation)));
    }

    /** Returns images whose bytes are not normalised to numbers around 0. */
    private static Dataset bytes(Dataset images) {
        Field image = images.fields().get(0);
        Field bytes = Field.image(image.name(), DType.UINT8, 3, 32, 32);
        return images.map(List.of(bytes, images.fields().get(1)), (from, into) -> {
            into.put(0, from.bytes(0), from.at(0));
            into.set(1, (long) from.ints(1)[from.at(1)]);
        });
    }

    /** Returns one image, [1, 3, 32, 32] as a net gets it, to show what layers make of it. */
    public Tensor image(Session session) {
        return tensors(session, new Subset(test(14), 13)).get(0);
    }

    /** Returns batches for training, in another random order each epoch. */
    public DataLoader shuffled(Dataset images, int batchSize) {
        return DataLoader.of(images, batchSize).shuffle(true).seed(seed).build();
    }

    /** Returns all images as a net gets them, {@code "image"} [N, 3, 32, 32], and their classes, {@code "label"} [N]. */
    public static BatchTensors tensors(Session session, Dataset images) {
        return tensors(session, DataLoader.of(images, images.size()).build());
    }

    /** Returns the first batch of a loader. */
    public static BatchTensors tensors(Session session, DataLoader loader) {
        try (BatchIterator batches = loader.epoch(0)) {
            return Batches.upload(session, batches.next());
        }
    }

    /** Returns how bright images are that a net gets, from 0 to 1, as they are drawn; in the order of [N, 3, 32, 32]. */
    public static float[] pixels(Tensor images) {
        float[] values = images.toFloats();
        ChannelNormalization normalization = ChannelNormalization.CIFAR10;
        for (int i = 0; i < values.length; i++) {
            int channel = i / (32 * 32) % 3;
            values[i] = normalization.mean(channel) + normalization.std(channel) * values[i];
        }
        return values;
    }

    /** Adds images that a net gets to a grid, each with its caption; with fewer captions than images the others have none. */
    public static ImageGrid add(ImageGrid grid, Tensor images, String... captions) {
        float[] pixels = pixels(images);
        int size = 3 * 32 * 32;
        for (int i = 0; i < pixels.length / size; i++) {
            String caption = i < captions.length ? captions[i] : "";
            grid.add(caption, Arrays.copyOfRange(pixels, i * size, (i + 1) * size), 32, 32, 0, 1);
        }
        return grid;
    }

    /** Returns the names of classes, such as those that a net predicts. */
    public static String[] names(Dataset images, int... classes) {
        return Arrays.stream(classes).mapToObj(images.classes()::get).toArray(String[]::new);
    }
}
