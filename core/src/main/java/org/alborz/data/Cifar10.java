package org.alborz.data;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * CIFAR-10 (Krizhevsky 2009): 50,000 training and 10,000 test photographs of 32 by 32 pixels in ten classes.
 *
 * <p>Read from the published "binary version": files of records of one label byte and 1,024 bytes each of red, green
 * and blue. Held in memory as bytes, and normalised by {@link ChannelNormalization#CIFAR10} on the device.
 */
public final class Cifar10 implements Dataset {
    static final int CLASSES = 10;
    static final int RECORDS_PER_FILE = 10_000;

    private static final List<Field> FIELDS = List.of(
            Field.image("image", DType.UINT8, CifarFiles.CHANNELS, CifarFiles.SIDE, CifarFiles.SIDE)
                    .normalized(ChannelNormalization.CIFAR10),
            Field.of("label", DType.INT32));
    private static final String NAMES = "batches.meta.txt";
    private static final List<String> TRAINING =
            List.of("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin");
    private static final List<String> TEST = List.of("test_batch.bin");
    private static final CifarFiles FILES = new CifarFiles(
            "CIFAR-10",
            "cifar-10-batches-bin",
            new int[] {CLASSES},
            "Get the CIFAR-10 \"binary version\" (cifar-10-binary.tar.gz, from"
                    + " https://www.cs.toronto.edu/~kriz/cifar.html), unpack it and name its directory; or use \"--data"
                    + " generated\" for a stand-in that needs no files.");

    private static final Download.Archive ARCHIVE = new Download.Archive(
            new Download.Remote(
                    "cifar-10-binary.tar.gz",
                    170_052_171,
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    List.of(URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"))),
            FILES.folder(),
            List.of(
                    "data_batch_1.bin",
                    "data_batch_2.bin",
                    "data_batch_3.bin",
                    "data_batch_4.bin",
                    "data_batch_5.bin",
                    "test_batch.bin",
                    NAMES));

    private final List<String> classes;
    private final String description;
    private final CifarFiles.Records records;

    Cifar10(Path directory, String part, List<String> files, int recordsPerFile) {
        Path folder = FILES.locate(directory, files.get(0));
        this.classes = FILES.readNames(folder.resolve(NAMES), CLASSES, "ten");
        this.records = FILES.read(folder, files, recordsPerFile);
        this.description = String.format(
                Locale.ROOT, "CIFAR-10, %s (%,d images of 3 x 32 x 32, %d classes)", part, size(), CLASSES);
    }

    /**
     * Reads the 50,000 training images.
     *
     * @param directory holds data_batch_1.bin to data_batch_5.bin, or cifar-10-batches-bin with them
     * @throws DataException when a file is missing, of another size, or holds a label above 9
     */
    public static Cifar10 train(Path directory) {
        return new Cifar10(Given.value(directory, "CIFAR-10", "a directory"), "training", TRAINING, RECORDS_PER_FILE);
    }

    /** Reads the 10,000 test images from test_batch.bin, as {@link #train} does the others. */
    public static Cifar10 test(Path directory) {
        return new Cifar10(Given.value(directory, "CIFAR-10", "a directory"), "test", TEST, RECORDS_PER_FILE);
    }

    /**
     * Downloads what {@link #train} and {@link #test} read, 170 MB, and unpacks it; does nothing where the directory has the files. An
     * interrupted download is continued where it ended, by this call or a later one.
     *
     * @return the directory
     * @throws DataException when there is no network, or the downloaded archive is not the published one; the message says how to get the
     *     files in another way
     */
    public static Path download(Path directory) {
        return ARCHIVE.download(Given.value(directory, "CIFAR-10", "a directory"));
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

    @Override
    public int label(int index) {
        return records.labels()[0][Samples.index(index, this)];
    }

    @Override
    public void read(int index, Sample into) {
        into.set(1, label(index));
        records.readImage(index, into);
    }

    @Override
    public String description() {
        return description;
    }
}
