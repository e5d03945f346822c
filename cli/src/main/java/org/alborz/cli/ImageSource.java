package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiFunction;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.data.Split;
import org.alborz.data.Subset;
import org.alborz.models.Models;

/**
 * Where the images come from.
 *
 * @param data {@code generated}, the name of one of {@link PublishedImages}, the directory of one, or one of {@link ImageFolders}
 * @param limit how many images of each part are used at most; 0 takes all
 * @param imageSize height and width that those of image folders are resized to; the others have 32
 */
record ImageSource(String data, int limit, int imageSize) implements DataSource {
    static final String GENERATED = "generated";
    private static final String EXPECTED =
            "--data expects a directory, a file, \"" + GENERATED + "\" or one of " + PublishedImages.NAMES;
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

    @Override
    public boolean isGenerated() {
        return data.equals(GENERATED);
    }

    /** Tells whether the data have a name in place of a path. */
    boolean isNamed() {
        return isGenerated() || PublishedImages.named(data).isPresent();
    }

    @Override
    public String unit() {
        return "images";
    }

    @Override
    public Signature signature(Dataset training) {
        return Signature.classifier(0, training.classes());
    }

    @Override
    public Dataset training() {
        if (isFolders()) {
            return some(folders().training());
        }
        requireUsualSize();
        return isGenerated()
                ? GeneratedImages.train(GENERATED_SEED, limited(GENERATED_TRAINING))
                : first(published((set, directory) -> set.training(directory)));
    }

    /** Returns what training is watched on; but for some image folders, the test images. */
    @Override
    public Dataset validation() {
        return isFolders() ? some(folders().validation()) : test();
    }

    @Override
    public Dataset test() {
        if (isFolders()) {
            return some(folders().test());
        }
        requireUsualSize();
        return isGenerated()
                ? GeneratedImages.test(GENERATED_SEED, limited(GENERATED_TEST))
                : first(published((set, directory) -> set.test(directory)));
    }

    boolean isFolders() {
        return !isGenerated() && PublishedImages.named(data).isEmpty() && ImageFolders.isAt(directory());
    }

    @Override
    public boolean reads(Path real) {
        if (isGenerated()) {
            return false;
        }
        String name = real.getFileName().toString();
        boolean isData = name.endsWith(".bin")
                || name.endsWith(".txt")
                || name.contains("-ubyte")
                || isFolders() && Files.exists(real);
        return isData && real.startsWith(WritablePlace.real(directory()));
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

    @Override
    public String describe(Dataset samples) {
        return isGenerated() ? samples.description() : samples.description() + ", from " + directory();
    }

    private int limited(int count) {
        return limit == 0 ? count : Math.min(limit, count);
    }

    /** Returns a part of a published data set; of one that is named, it is downloaded where the cache does not have it. */
    private Dataset published(BiFunction<PublishedImages, Path, Dataset> part) {
        Optional<PublishedImages> named = PublishedImages.named(data);
        if (named.isPresent()) {
            return part.apply(named.get(), named.get().download());
        }
        try {
            return part.apply(PublishedImages.at(directory()).orElse(PublishedImages.CIFAR10), directory());
        } catch (DataException e) {
            throw new DataException(
                    e.getMessage() + " Images of your own are read from a directory with a folder for each class; "
                            + PublishedImages.NAMES + " without a directory are downloaded.",
                    e);
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

    /**
     * Returns {@code generated}, the name of a published data set, or the directory's or file's whole path, which means the same wherever a
     * later command is started. A directory that is there is meant before a data set of its name.
     */
    static String absolute(String data) {
        if (data.isBlank()) {
            throw CommandFailure.usage(EXPECTED + ", got '" + data + "'");
        }
        try {
            boolean name = data.equals(GENERATED)
                    || PublishedImages.named(data).isPresent() && !Files.isDirectory(Path.of(data));
            return name ? data : Path.of(data).toAbsolutePath().normalize().toString();
        } catch (InvalidPathException e) {
            throw new CommandFailure(ExitCodes.USAGE, EXPECTED + ", got '" + data + "': " + e.getReason(), e);
        }
    }

    private Path directory() {
        return PublishedImages.named(data).map(PublishedImages::cache).orElseGet(() -> Path.of(absolute(data)));
    }
}
