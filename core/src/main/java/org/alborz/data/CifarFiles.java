package org.alborz.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The files of CIFAR-10 and CIFAR-100 in their "binary version": records of label bytes and 1,024 bytes each of red, green and blue.
 *
 * @param name of the data set, for messages
 * @param folder that its archive unpacks to
 * @param classes how many classes each label byte of a record counts
 * @param remedy what to do where a file is missing or damaged
 */
record CifarFiles(String name, String folder, int[] classes, String remedy) {
    static final int CHANNELS = 3;
    static final int SIDE = 32;
    static final int PLANE = SIDE * SIDE;
    static final int IMAGE = CHANNELS * PLANE;
    private static final int MAX_NAMES_BYTES = 4096;

    /**
     * All records of a part.
     *
     * @param images one array a file, its images stored channels-last
     * @param labels one array for each label byte of a record
     */
    record Records(byte[][] images, byte[][] labels, int recordsPerFile) {
        int size() {
            return labels[0].length;
        }

        void readImage(int index, Sample into) {
            into.put(0, images[index / recordsPerFile], index % recordsPerFile * IMAGE);
        }
    }

    /** Returns the directory, or the archive's folder in it, whichever has the file. */
    Path locate(Path directory, String file) {
        if (!Files.isDirectory(directory)) {
            throw new DataException(name + " expects a directory, got " + FileInput.name(directory.toAbsolutePath())
                    + ", which " + (Files.exists(directory) ? "is a file. " : "does not exist. ") + remedy);
        }
        Path inner = directory.resolve(folder);
        return !Files.exists(directory.resolve(file)) && Files.isDirectory(inner) ? inner : directory;
    }

    /** Reads class names, one a line. */
    List<String> readNames(Path file, int count, String words) {
        requireFile(file, "the " + words + " class names, one a line");
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
        if (names.size() != count) {
            throw new DataException(FileInput.name(file) + " should hold " + count
                    + " class names, one a line, and holds " + names.size() + ". " + remedy);
        }
        try {
            return ClassNames.require(names);
        } catch (IllegalArgumentException e) {
            throw new DataException(FileInput.name(file) + " is damaged: " + e.getMessage() + ". " + remedy, e);
        }
    }

    Records read(Path in, List<String> files, int recordsPerFile) {
        byte[][] images = new byte[files.size()][];
        byte[][] labels = new byte[classes.length][files.size() * recordsPerFile];
        for (int i = 0; i < images.length; i++) {
            images[i] = new byte[recordsPerFile * IMAGE];
            readFile(in.resolve(files.get(i)), recordsPerFile, images[i], labels, i * recordsPerFile);
        }
        return new Records(images, labels, recordsPerFile);
    }

    private int recordBytes() {
        return classes.length + IMAGE;
    }

    private void readFile(Path file, int records, byte[] images, byte[][] labels, int firstLabel) {
        long bytes = (long) records * recordBytes();
        String expected = String.format(Locale.ROOT, "%,d bytes = %,d records of %,d", bytes, records, recordBytes());
        requireFile(file, expected);
        byte[] record = new byte[recordBytes()];
        try (InputStream in = FileInput.open(file, Long.MAX_VALUE)) {
            long size = Files.size(file);
            if (size != bytes) {
                throw wrongSize(file, expected, size);
            }
            for (int i = 0; i < records; i++) {
                int read = in.readNBytes(record, 0, record.length);
                if (read != record.length) {
                    throw wrongSize(file, expected, (long) i * record.length + read);
                }
                for (int label = 0; label < classes.length; label++) {
                    labels[label][firstLabel + i] = checkLabel(file, i, record[label], label);
                }
                interleave(record, classes.length, images, i * IMAGE);
            }
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
    }

    /** Copies a record's planes channels-last. */
    private static void interleave(byte[] record, int from, byte[] images, int at) {
        for (int pixel = 0; pixel < PLANE; pixel++) {
            for (int c = 0; c < CHANNELS; c++) {
                images[at + pixel * CHANNELS + c] = record[from + c * PLANE + pixel];
            }
        }
    }

    private byte checkLabel(Path file, int record, byte label, int which) {
        if ((label & 0xFF) >= classes[which]) {
            throw new DataException(String.format(
                    Locale.ROOT,
                    "%s: record %,d (counted from 0, at byte %,d) should start with a label from 0 to %d%s, and has"
                            + " %d. The file is damaged or is not of the binary version. %s",
                    FileInput.name(file),
                    record,
                    (long) record * recordBytes(),
                    classes[which] - 1,
                    which == 0 ? "" : " in byte " + which,
                    label & 0xFF,
                    remedy));
        }
        return label;
    }

    private void requireFile(Path file, String expected) {
        if (!Files.isRegularFile(file)) {
            throw new DataException(
                    name + " expects the file " + FileInput.name(file.toAbsolutePath()) + " (" + expected + "), and "
                            + (Files.exists(file) ? "that is no regular file. " : "there is none. ") + remedy);
        }
    }

    private DataException wrongSize(Path file, String expected, long size) {
        return new DataException(String.format(
                Locale.ROOT,
                "%s should hold %s, and holds %,d bytes. The download or the unpacking may have stopped early. %s",
                FileInput.name(file),
                expected,
                size,
                remedy));
    }
}
