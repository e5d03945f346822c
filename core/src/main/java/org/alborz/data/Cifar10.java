package org.alborz.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
    static final int RECORD_BYTES = 3073;

    private static final int CHANNELS = 3;
    private static final int PLANE = 32 * 32;
    private static final int IMAGE = CHANNELS * PLANE;
    private static final List<Field> FIELDS = List.of(
            Field.image("image", DType.UINT8, CHANNELS, 32, 32).normalized(ChannelNormalization.CIFAR10),
            Field.of("label", DType.INT32));
    private static final String FOLDER = "cifar-10-batches-bin";
    private static final String NAMES = "batches.meta.txt";
    private static final int MAX_NAMES_BYTES = 4096;
    private static final String REMEDY = "Get the CIFAR-10 \"binary version\" (cifar-10-binary.tar.gz, from"
            + " https://www.cs.toronto.edu/~kriz/cifar.html), unpack it and name its directory; or use \"--data"
            + " generated\" for a stand-in that needs no files.";

    private final List<String> classes;
    private final String description;
    private final int recordsPerFile;

    /** One array a file, its images stored channels-last. */
    private final byte[][] images;

    private final byte[] labels;

    Cifar10(Path directory, String part, List<String> files, int recordsPerFile) {
        Path folder = locate(directory, files.get(0));
        this.recordsPerFile = recordsPerFile;
        this.images = new byte[files.size()][];
        this.labels = new byte[files.size() * recordsPerFile];
        this.classes = readNames(folder.resolve(NAMES));
        for (int i = 0; i < images.length; i++) {
            images[i] = readFile(folder.resolve(files.get(i)), i * recordsPerFile);
        }
        this.description = String.format(
                Locale.ROOT, "CIFAR-10, %s (%,d images of 3 x 32 x 32, %d classes)", part, labels.length, CLASSES);
    }

    /**
     * Reads the 50,000 training images.
     *
     * @param directory holds data_batch_1.bin to data_batch_5.bin, or cifar-10-batches-bin with them
     * @throws DataException when a file is missing, of another size, or holds a label above 9
     */
    public static Cifar10 train(Path directory) {
        List<String> files = List.of(
                "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin");
        return new Cifar10(directory, "training", files, RECORDS_PER_FILE);
    }

    /** Reads the 10,000 test images from test_batch.bin, as {@link #train} does the others. */
    public static Cifar10 test(Path directory) {
        return new Cifar10(directory, "test", List.of("test_batch.bin"), RECORDS_PER_FILE);
    }

    private static Path locate(Path directory, String file) {
        if (!Files.isDirectory(directory)) {
            throw new DataException("CIFAR-10 expects a directory, got " + FileInput.name(directory.toAbsolutePath())
                    + ", which " + (Files.exists(directory) ? "is a file. " : "does not exist. ") + REMEDY);
        }
        Path inner = directory.resolve(FOLDER);
        return !Files.exists(directory.resolve(file)) && Files.isDirectory(inner) ? inner : directory;
    }

    private static List<String> readNames(Path file) {
        requireFile(file, "the ten class names, one a line");
        List<String> names;
        try (InputStream in = FileInput.open(file, MAX_NAMES_BYTES)) {
            String text = new String(in.readNBytes(MAX_NAMES_BYTES), StandardCharsets.UTF_8);
            names = text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
        if (names.size() != CLASSES) {
            throw new DataException(FileInput.name(file) + " should hold " + CLASSES
                    + " class names, one a line, and holds " + names.size() + ". " + REMEDY);
        }
        try {
            return ClassNames.require(names);
        } catch (IllegalArgumentException e) {
            throw new DataException(FileInput.name(file) + " is damaged: " + e.getMessage() + ". " + REMEDY, e);
        }
    }

    private byte[] readFile(Path file, int firstLabel) {
        long bytes = (long) recordsPerFile * RECORD_BYTES;
        String expected =
                String.format(Locale.ROOT, "%,d bytes = %,d records of %,d", bytes, recordsPerFile, RECORD_BYTES);
        requireFile(file, expected);
        byte[] images = new byte[recordsPerFile * IMAGE];
        byte[] record = new byte[RECORD_BYTES];
        try (InputStream in = FileInput.open(file, Long.MAX_VALUE)) {
            long size = Files.size(file);
            if (size != bytes) {
                throw wrongSize(file, expected, size);
            }
            for (int i = 0; i < recordsPerFile; i++) {
                int read = in.readNBytes(record, 0, RECORD_BYTES);
                if (read != RECORD_BYTES) {
                    throw wrongSize(file, expected, (long) i * RECORD_BYTES + read);
                }
                labels[firstLabel + i] = checkLabel(file, i, record[0]);
                interleave(record, images, i * IMAGE);
            }
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
        return images;
    }

    /** Copies a record's planes channels-last. */
    private static void interleave(byte[] record, byte[] images, int at) {
        for (int pixel = 0; pixel < PLANE; pixel++) {
            for (int c = 0; c < CHANNELS; c++) {
                images[at + pixel * CHANNELS + c] = record[1 + c * PLANE + pixel];
            }
        }
    }

    private static byte checkLabel(Path file, int record, byte label) {
        if ((label & 0xFF) >= CLASSES) {
            throw new DataException(String.format(
                    Locale.ROOT,
                    "%s: record %,d (counted from 0, at byte %,d) should start with a label from 0 to 9, and starts"
                            + " with %d. The file is damaged or is not of the binary version. %s",
                    FileInput.name(file),
                    record,
                    (long) record * RECORD_BYTES,
                    label & 0xFF,
                    REMEDY));
        }
        return label;
    }

    private static void requireFile(Path file, String expected) {
        if (!Files.isRegularFile(file)) {
            throw new DataException(
                    "CIFAR-10 expects the file " + FileInput.name(file.toAbsolutePath()) + " (" + expected + "), and "
                            + (Files.exists(file) ? "that is no regular file. " : "there is none. ") + REMEDY);
        }
    }

    private static DataException wrongSize(Path file, String expected, long size) {
        return new DataException(String.format(
                Locale.ROOT,
                "%s should hold %s, and holds %,d bytes. The download or the unpacking may have stopped early. %s",
                FileInput.name(file),
                expected,
                size,
                REMEDY));
    }

    @Override
    public int size() {
        return labels.length;
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
    public void read(int index, Sample into) {
        Samples.index(index, this);
        int from = index % recordsPerFile * IMAGE;
        into.put(0, images[index / recordsPerFile], from);
        into.set(1, labels[index]);
    }

    @Override
    public String description() {
        return description;
    }
}
