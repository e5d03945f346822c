package org.alborz.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * Grey images and their classes from two files in the IDX format of MNIST, as they are or packed with gzip: the fields {@code image} of
 * {@code [1, H, W]} and {@code label}. Held in memory as bytes, and normalised on the device.
 *
 * @see Mnist
 * @see FashionMnist
 */
public final class IdxImages implements Dataset {
    private final String description;
    private final List<String> classes;
    private final List<Field> fields;
    private final byte[] images;
    private final byte[] labels;

    /** Reads both files; where the name is null, the description has a checksum of the content. */
    IdxImages(String name, Path images, Path labels, List<String> classes, ChannelNormalization normalization) {
        IdxFile pixels = IdxFile.read(images);
        IdxFile numbers = IdxFile.read(labels);
        this.classes = List.copyOf(ClassNames.require(classes));
        this.images = pixels.values();
        this.labels = numbers.values();
        int[] sizes = pixels.sizes();
        if (sizes.length != 3) {
            throw new DataException(FileInput.name(images) + " should hold images, [count, height, width], and has "
                    + sizes.length + " axes; check that it is not the file of the labels");
        }
        if (numbers.sizes().length != 1 || numbers.sizes()[0] != sizes[0]) {
            throw new DataException(FileInput.name(labels) + " should hold a label for each of the " + sizes[0]
                    + " images of " + FileInput.name(images) + ", and has the sizes "
                    + Arrays.toString(numbers.sizes()) + "; check that both are of the same part");
        }
        for (int i = 0; i < this.labels.length; i++) {
            if ((this.labels[i] & 0xFF) >= classes.size()) {
                throw new DataException(FileInput.name(labels) + " should hold labels from 0 to " + (classes.size() - 1)
                        + ", and holds " + (this.labels[i] & 0xFF) + " for image " + i);
            }
        }
        this.fields = List.of(
                Field.image("image", DType.UINT8, 1, sizes[1], sizes[2]).normalized(normalization),
                Field.of("label", DType.INT32));
        this.description = String.format(
                Locale.ROOT,
                "%s (%,d images of 1 x %d x %d, %d classes)",
                name == null ? content() : name,
                sizes[0],
                sizes[1],
                sizes[2],
                classes.size());
    }

    /**
     * Reads a data set of this format of any content.
     *
     * @param images a file of unsigned bytes {@code [count, height, width]}
     * @param labels a file of {@code count} unsigned bytes
     * @param classes the name of each class
     * @param normalization of one channel
     * @throws DataException when a file is missing or damaged, or they do not belong together
     */
    public static IdxImages of(Path images, Path labels, List<String> classes, ChannelNormalization normalization) {
        Given.value(images, "IdxImages", "a file of images");
        Given.value(labels, "IdxImages", "a file of labels");
        Given.value(classes, "IdxImages", "class names");
        return new IdxImages(null, images, labels, classes, normalization);
    }

    private String content() {
        CRC32C sum = new CRC32C();
        sum.update(images);
        sum.update(labels);
        return "images with content " + Long.toHexString(sum.getValue());
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        return labels[Samples.index(index, this)] & 0xFF;
    }

    @Override
    public void read(int index, Sample into) {
        into.set(1, label(index));
        into.put(0, images, index * fields.get(0).elements());
    }

    @Override
    public String description() {
        return description;
    }
}
