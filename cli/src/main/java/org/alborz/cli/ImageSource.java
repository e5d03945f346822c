package org.alborz.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import org.alborz.data.Cifar10;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.data.Split;
import org.alborz.data.Subset;
import org.alborz.models.Models;

/**
 * Where the images come from.
 *
 * @param data {@code generated}, the directory of CIFAR-10, or one of {@link ImageFolders}
 * @param limit how many images of each part are used at most; 0 takes all
 * @param imageSize height and width that those of image folders are resized to; the others have 32
 */
record ImageSource(String data, int limit, int imageSize) {
    static final String GENERATED = "generated";
    private static final int GENERATED_TRAINING = 3_000;
    private static final int GENERATED_TEST = 500;

    /** The same images for every run, whatever its seed, so that runs can be compared. */
    private static final long GENERATED_SEED = 1;

    /** Every net has a pixel left after its pooling. */
    private static final int SMALLEST_IMAGE = 4;

    private static final int LARGEST_IMAGE = 512;

    /** Which images of a folder are used where not all are; its classes stand one behind another. */
    private static final long CHOICE_SEED = 2;

    ImageSource {
        OptionChecks.index("--limit", limit);
        OptionChecks.between("--image-size", imageSize, SMALLEST_IMAGE, LARGEST_IMAGE);
    }

    /** Describes images of 32 by 32 pixels. */
    ImageSource(String data, int limit) {
        this(data, limit, Models.USUAL_SIZE);
    }

    boolean isGenerated() {
        return data.equals(GENERATED);
    }

    Dataset training() {
        if (isFolders()) {
            return some(folders().training());
        }
        requireUsualSize();
        return isGenerated()
                ? GeneratedImages.train(GENERATED_SEED, limited(GENERATED_TRAINING))
                : first(cifar10(Cifar10::train));
    }

    /** Returns what training is watched on; but for some image folders, the test images. */
    Dataset validation() {
        return isFolders() ? some(folders().validation()) : test();
    }

    Dataset test() {
        if (isFolders()) {
            return some(folders().test());
        }
        requireUsualSize();
        return isGenerated()
                ? GeneratedImages.test(GENERATED_SEED, limited(GENERATED_TEST))
                : first(cifar10(Cifar10::test));
    }

    boolean isFolders() {
        return !isGenerated() && ImageFolders.isAt(directory());
    }

    private ImageFolders folders() {
        return new ImageFolders(directory(), imageSize);
    }

    private void requireUsualSize() {
        if (imageSize != Models.USUAL_SIZE) {
            throw CommandFailure.usage("--image-size expects " + Models.USUAL_SIZE + ", which "
                    + (isGenerated() ? "generated images" : "the images in " + directory()) + " have, got " + imageSize
                    + "; another size is for image folders, so name a directory of those with --data");
        }
    }

    /** Says in a line what these samples are and where they come from. */
    String describe(Dataset samples) {
        return isGenerated() ? samples.description() : samples.description() + ", from " + directory();
    }

    private int limited(int count) {
        return limit == 0 ? count : Math.min(limit, count);
    }

    private Dataset cifar10(Function<Path, Dataset> part) {
        try {
            return part.apply(directory());
        } catch (DataException e) {
            throw new DataException(
                    e.getMessage() + " Images of your own are read from a directory with a folder for each class.", e);
        }
    }

    private Dataset some(Dataset whole) {
        return limit == 0 || limit >= whole.size()
                ? whole
                : Split.random(whole, limit, CHOICE_SEED).first();
    }

    private Dataset first(Dataset whole) {
        return limit == 0 ? whole : Subset.first(whole, limit);
    }

    /** Returns {@code generated}, or the directory's whole path, which means the same wherever a later command is started. */
    static String absolute(String data) {
        if (data.isBlank()) {
            throw CommandFailure.usage("--data expects a directory or \"" + GENERATED + "\", got '" + data + "'");
        }
        try {
            return data.equals(GENERATED)
                    ? data
                    : Path.of(data).toAbsolutePath().normalize().toString();
        } catch (InvalidPathException e) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    "--data expects a directory or \"" + GENERATED + "\", got '" + data + "': " + e.getReason(),
                    e);
        }
    }

    private Path directory() {
        return Path.of(absolute(data));
    }
}
