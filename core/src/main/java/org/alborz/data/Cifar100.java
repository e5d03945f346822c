package org.alborz.data;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * CIFAR-100 (Krizhevsky 2009): 50,000 training and 10,000 test photographs of 32 by 32 pixels in a hundred classes, which form twenty
 * superclasses. The fields are {@code image}, {@code label} (the class) and {@code superclass}.
 *
 * <p>Read from the published "binary version", held in memory as bytes, and normalised by {@link #NORMALIZATION} on the device.
 */
public final class Cifar100 implements Dataset {
    /** The mean and standard deviation of the training images, for red, green and blue. */
    public static final ChannelNormalization NORMALIZATION =
            new ChannelNormalization(new float[] {0.5071f, 0.4865f, 0.4409f}, new float[] {0.2673f, 0.2564f, 0.2762f});

    static final int CLASSES = 100;
    static final int SUPERCLASSES = 20;

    private static final List<Field> FIELDS = List.of(
            Field.image("image", DType.UINT8, CifarFiles.CHANNELS, CifarFiles.SIDE, CifarFiles.SIDE)
                    .normalized(NORMALIZATION),
            Field.of("label", DType.INT32),
            Field.of("superclass", DType.INT32));
    private static final String NAMES = "fine_label_names.txt";
    private static final String SUPERCLASS_NAMES = "coarse_label_names.txt";
    private static final CifarFiles FILES = new CifarFiles(
            "CIFAR-100",
            "cifar-100-binary",
            new int[] {SUPERCLASSES, CLASSES},
            "Get the CIFAR-100 \"binary version\" (cifar-100-binary.tar.gz, from"
                    + " https://www.cs.toronto.edu/~kriz/cifar.html), unpack it and name its directory.");
    private static final Download.Archive ARCHIVE = new Download.Archive(
            new Download.Remote(
                    "cifar-100-binary.tar.gz",
                    168_513_733,
                    "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                    List.of(URI.create("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"))),
            FILES.folder(),
            List.of("train.bin", "test.bin", NAMES, SUPERCLASS_NAMES));

    private final List<String> classes;
    private final List<String> superclasses;
    private final String description;
    private final CifarFiles.Records records;

    Cifar100(Path directory, String part, String file, int count) {
        Path folder = FILES.locate(Given.value(directory, "CIFAR-100", "a directory"), file);
        this.classes = FILES.readNames(folder.resolve(NAMES), CLASSES, "hundred");
        this.superclasses = FILES.readNames(folder.resolve(SUPERCLASS_NAMES), SUPERCLASSES, "twenty");
        this.records = FILES.read(folder, List.of(file), count);
        this.description = String.format(
                Locale.ROOT, "CIFAR-100, %s (%,d images of 3 x 32 x 32, %d classes)", part, size(), CLASSES);
    }

    /**
     * Reads the 50,000 training images.
     *
     * @param directory holds train.bin, or cifar-100-binary with it
     * @throws DataException when a file is missing, of another size, or holds a label above 99
     */
    public static Cifar100 train(Path directory) {
        return new Cifar100(directory, "training", "train.bin", 50_000);
    }

    /** Reads the 10,000 test images from test.bin, as {@link #train} does the others. */
    public static Cifar100 test(Path directory) {
        return new Cifar100(directory, "test", "test.bin", 10_000);
    }

    /**
     * Downloads what {@link #train} and {@link #test} read, 169 MB, and unpacks it; does nothing where the directory has the files. An
     * interrupted download is continued where it ended, by this call or a later one.
     *
     * @return the directory
     * @throws DataException when there is no network, or the downloaded archive is not the published one; the message says how to get the
     *     files in another way
     */
    public static Path download(Path directory) {
        return ARCHIVE.download(Given.value(directory, "CIFAR-100", "a directory"));
    }

    @Override
    public int size() {
        return records.size();
    }

    @Override
    public List<Field> fields() {
        return FIELDS;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    /** Returns the names of the superclasses that the third field counts. */
    public List<String> superclasses() {
        return superclasses;
    }

    @Override
    public int label(int index) {
        return records.labels()[1][Samples.index(index, this)];
    }

    @Override
    public void read(int index, Sample into) {
        into.set(1, label(index));
        into.set(2, records.labels()[0][index]);
        records.readImage(index, into);
    }

    @Override
    public String description() {
        return description;
    }
}
