package org.alborz.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.alborz.data.ChannelNormalization;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.data.ImageFolder;
import org.alborz.data.Split;
import org.alborz.text.Quoted;

/**
 * A directory with a folder of images for each class: in {@code train/}, with {@code val/} or {@code test/} beside it; or directly, and then
 * a fifth of the images, chosen at random but always the same, is held out from training.
 *
 * @param size height and width that images are resized to
 */
record ImageFolders(Path directory, int size) {
    private static final String TRAINING = "train";
    private static final List<String> VALIDATION = List.of("val", "validation", "test");
    private static final List<String> TEST = List.of("test", "val", "validation");
    private static final double TRAINING_SHARE = 0.8;
    private static final long SPLIT_SEED = 1;

    /** Tells whether a directory has folders, and nothing of a published data set. */
    static boolean isAt(Path directory) {
        return hasFolders(directory)
                && PublishedImages.at(directory).isEmpty()
                && !has(directory, path -> path.getFileName().toString().endsWith(".bin"));
    }

    private static boolean hasFolders(Path directory) {
        return has(
                directory,
                path -> Files.isDirectory(path)
                        && !path.getFileName().toString().startsWith("."));
    }

    private static boolean has(Path directory, Predicate<Path> what) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.anyMatch(what);
        } catch (IOException e) {
            throw new DataException(directory + " could not be read: " + e + ". Check its permissions.", e);
        }
    }

    Dataset training() {
        return isDivided() ? images(directory.resolve(TRAINING)) : split().first();
    }

    /** Returns what training is watched on: {@code val/}, or {@code test/} where there is none. */
    Dataset validation() {
        return isDivided() ? beside(VALIDATION) : split().second();
    }

    /** Returns what a trained net is measured on: {@code test/}, or {@code val/} where there is none. */
    Dataset test() {
        return isDivided() ? beside(TEST) : split().second();
    }

    /** A class may be named train as well: its folder holds images and no folders. */
    private boolean isDivided() {
        return hasFolders(directory.resolve(TRAINING));
    }

    private Split split() {
        return Split.fraction(images(directory), TRAINING_SHARE, SPLIT_SEED);
    }

    private Dataset beside(List<String> names) {
        Path folder = names.stream()
                .map(directory::resolve)
                .filter(Files::isDirectory)
                .findFirst()
                .orElseThrow(() -> new DataException(directory + " has a folder train, and none of "
                        + String.join(", ", names) + " beside it; add one with the same classes, or give --data "
                        + directory.resolve(TRAINING) + ", of which a fifth is then held out"));
        Dataset found = images(folder);
        List<String> expected = images(directory.resolve(TRAINING)).classes();
        if (!found.classes().equals(expected)) {
            throw new DataException(folder + " has folders for the classes " + Quoted.list(found.classes())
                    + ", and " + directory.resolve(TRAINING) + " for " + Quoted.list(expected)
                    + "; let both have the same, empty ones for classes without images");
        }
        return found;
    }

    private Dataset images(Path folder) {
        return ImageFolder.of(folder, size, size, ChannelNormalization.CIFAR10);
    }
}
