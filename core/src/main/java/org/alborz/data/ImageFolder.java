package org.alborz.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.alborz.notice.Warnings;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images in one folder for each class, such as {@code flowers/rose/1.jpg}: the fields {@code image} and {@code label}. The classes are the
 * folders' names in alphabetical order; one without images is a class as well, so that the folders of training and validation data can
 * name the same.
 *
 * <p>Files are decoded and resized whenever they are read, by all of a loader's workers. Each is read as {@link Images} does, and rounded
 * to bytes. What has no name of an image file (png, jpg, jpeg, gif, bmp), and what begins with a dot, is left out; images of other kinds
 * with a warning.
 */
public final class ImageFolder implements Dataset {
    private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp");

    /** Other kinds of images, which hardly anyone means to leave out. */
    private static final List<String> OTHER_ENDINGS = List.of(
            ".webp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".ppm", ".pgm", ".tga", ".jfif");

    private static final int CHANNELS = 3;
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);

    private final List<Field> fields;
    private final List<String> classes;
    private final List<Path> files = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private final String description;

    private ImageFolder(Path folder, int height, int width, ChannelNormalization normalization) {
        this.fields = List.of(
                Field.image("image", DType.UINT8, CHANNELS, height, width).normalized(normalization),
                Field.of("label", DType.INT32));
        List<Path> folders = list(folder, path -> isThere(path) && Files.isDirectory(path));
        List<Path> leftOut = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            for (Path file : list(folders.get(i), path -> endsWith(path, ENDINGS) || endsWith(path, OTHER_ENDINGS))) {
                if (endsWith(file, OTHER_ENDINGS)) {
                    leftOut.add(file);
                    continue;
                }
                files.add(file);
                labels.add(i);
            }
        }
        this.classes = requireClasses(folder, folders);
        if (files.isEmpty()) {
            throw new DataException("The folders in " + FileInput.name(folder) + ", which are taken for the classes "
                    + Quoted.list(classes) + ", hold no files that end in " + String.join(", ", ENDINGS)
                    + "; give the folder whose folders hold the images");
        }
        this.description = String.format(
                Locale.ROOT,
                "image folder (%,d files resized to 3 x %d x %d, %d classes%s, listing %s)",
                files.size(),
                height,
                width,
                classes.size(),
                withoutImages(),
                listing(folder));
        if (!leftOut.isEmpty()) {
            Warnings.warn(
                    LOG,
                    String.format(
                            Locale.ROOT,
                            "ImageFolder leaves out %,d files of kinds that are not read, such as %s; convert them to one of %s.",
                            leftOut.size(),
                            FileInput.name(leftOut.get(0)),
                            String.join(", ", ENDINGS)));
        }
    }

    /**
     * Lists the images below a folder; none is read yet.
     *
     * @param folder holds a folder for each class
     * @param height what each image is resized to, without regard to its proportions
     * @throws DataException when there is no such folder, or it holds no images
     */
    public static ImageFolder of(Path folder, int height, int width) {
        return of(folder, height, width, ChannelNormalization.scaling(CHANNELS));
    }

    /** Lists the images below a folder, as {@link #of(Path, int, int)} does, which are normalised on the device. */
    public static ImageFolder of(Path folder, int height, int width, ChannelNormalization normalization) {
        return new ImageFolder(Given.value(folder, "ImageFolder", "a folder"), height, width, normalization);
    }

    /** Returns some of what is in a folder, in alphabetical order on every machine. */
    private static List<Path> list(Path folder, Predicate<Path> which) {
        if (!Files.isDirectory(folder)) {
            throw new DataException("ImageFolder expects a folder, got " + FileInput.name(folder.toAbsolutePath())
                    + ", which " + (Files.exists(folder) ? "is a file" : "does not exist") + "; check the path");
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> !name(path).startsWith("."))
                    .filter(which)
                    .sorted((a, b) -> name(a).compareTo(name(b)))
                    .toList();
        } catch (IOException e) {
            throw FileInput.unreadable(folder, e);
        }
    }

    /** Says how many classes have no images; nothing where all have. */
    private String withoutImages() {
        long empty = classes.size() - labels.stream().distinct().count();
        return empty == 0 ? "" : " of which " + empty + (empty == 1 ? " has" : " have") + " no images";
    }

    /** Refuses a link that leads nowhere, so that no class or image is missing unnoticed. */
    private static boolean isThere(Path path) {
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new DataException(FileInput.name(path) + " is a link to what does not exist; correct or remove it");
        }
        return true;
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private static boolean endsWith(Path file, List<String> endings) {
        String name = name(file).toLowerCase(Locale.ROOT);
        return endings.stream().anyMatch(name::endsWith) && isThere(file) && !Files.isDirectory(file);
    }

    private static List<String> requireClasses(Path folder, List<Path> folders) {
        try {
            return List.copyOf(
                    ClassNames.require(folders.stream().map(ImageFolder::name).toList()));
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "ImageFolder expects a folder for each class in " + FileInput.name(folder) + ", got "
                            + Quoted.list(
                                    folders.stream().map(ImageFolder::name).toList()) + ": " + e.getMessage(),
                    e);
        }
    }

    /** Returns a checksum of the files' names and sizes, which do not depend on where the folder is. */
    private String listing(Path folder) {
        CRC32C sum = new CRC32C();
        for (Path file : files) {
            sum.update(folder.relativize(file).toString().replace('\\', '/').getBytes(StandardCharsets.UTF_8));
            try {
                sum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, Files.size(file)));
            } catch (IOException e) {
                throw FileInput.unreadable(file, e);
            }
        }
        return Long.toHexString(sum.getValue());
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    /** Returns the file of a sample. */
    public Path file(int index) {
        return files.get(Samples.index(index, this));
    }

    @Override
    public int label(int index) {
        return labels.get(Samples.index(index, this));
    }

    @Override
    public void read(int index, Sample into) {
        Images.read(file(index), fields.get(0).shape(), into.bytes(0), into.at(0));
        into.set(1, labels.get(index));
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public String toString() {
        return description();
    }
}
