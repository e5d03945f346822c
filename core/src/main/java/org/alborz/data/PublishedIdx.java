package org.alborz.data;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alborz.text.Given;

/**
 * A published data set in the IDX format: two files each for training and test.
 *
 * @param source the class that reads it, for messages
 * @param folders where in a directory other programs put the files
 * @param mirrors where the files are published, each ending in a slash
 */
record PublishedIdx(
        String name,
        String source,
        List<String> folders,
        List<String> classes,
        ChannelNormalization normalization,
        List<URI> mirrors,
        List<Download.Remote> files) {
    /** The endings of the names of a part's files. */
    private static final String IMAGES = "-images-idx3-ubyte";

    private static final String LABELS = "-labels-idx1-ubyte";

    IdxImages read(Path directory, String part, String prefix) {
        Path folder = locate(Given.value(directory, name, "a directory"), prefix + IMAGES);
        return new IdxImages(
                name + ", " + part,
                file(folder, prefix + IMAGES),
                file(folder, prefix + LABELS),
                classes,
                normalization);
    }

    /** Returns the directory, or the folder in it that torchvision downloads to, whichever has the file. */
    private Path locate(Path directory, String file) {
        if (!Files.isDirectory(directory)) {
            throw new DataException(name + " expects a directory, got "
                    + FileInput.name(directory.toAbsolutePath()) + ", which "
                    + (Files.exists(directory) ? "is a file. " : "does not exist. ") + remedy());
        }
        List<Path> places = new ArrayList<>(List.of(directory));
        folders.forEach(folder -> places.add(directory.resolve(folder)));
        return places.stream()
                .filter(place -> Files.exists(place.resolve(file)) || Files.exists(place.resolve(file + ".gz")))
                .findFirst()
                .orElse(directory);
    }

    private Path file(Path folder, String file) {
        Path plain = folder.resolve(file);
        Path packed = folder.resolve(file + ".gz");
        if (!Files.exists(plain) && !Files.exists(packed)) {
            throw new DataException(name + " expects the file " + FileInput.name(packed.toAbsolutePath())
                    + ", or the same without .gz, and there is none. " + remedy());
        }
        return Files.exists(plain) ? plain : packed;
    }

    private String remedy() {
        return "Get it with " + source + ".download(directory), or copy "
                + String.join(", ", files.stream().map(Download.Remote::name).toList()) + " there.";
    }

    Path download(Path directory) {
        Given.value(directory, name, "a directory");
        for (Download.Remote file : files) {
            String plain = file.name().substring(0, file.name().length() - ".gz".length());
            if (!Files.exists(locateOrSame(directory, plain).resolve(plain))) {
                Download.file(file.from(mirrors), locateOrSame(directory, plain));
            }
        }
        return directory;
    }

    private Path locateOrSame(Path directory, String file) {
        return Files.isDirectory(directory) ? locate(directory, file) : directory;
    }
}
