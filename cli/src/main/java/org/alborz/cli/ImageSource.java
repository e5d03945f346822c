package org.alborz.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.alborz.data.Cifar10;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.data.Subset;

/**
 * Where the images come from.
 *
 * @param data {@code generated}, or the directory of CIFAR-10
 * @param limit how many images of each part are used at most; 0 takes all
 */
record ImageSource(String data, int limit) {
    static final String GENERATED = "generated";
    private static final int GENERATED_TRAINING = 3_000;
    private static final int GENERATED_TEST = 500;

    /** The same images for every run, whatever its seed, so that runs can be compared. */
    private static final long GENERATED_SEED = 1;

    ImageSource {
        OptionChecks.index("--limit", limit);
    }

    boolean isGenerated() {
        return data.equals(GENERATED);
    }

    Dataset training() {
        return isGenerated()
                ? GeneratedImages.train(GENERATED_SEED, limited(GENERATED_TRAINING))
                : first(Cifar10.train(directory()));
    }

    Dataset test() {
        return isGenerated()
                ? GeneratedImages.test(GENERATED_SEED, limited(GENERATED_TEST))
                : first(Cifar10.test(directory()));
    }

    /** Says in a line what these samples are and where they come from. */
    String describe(Dataset samples) {
        return isGenerated() ? samples.description() : samples.description() + ", from " + directory();
    }

    private int limited(int count) {
        return limit == 0 ? count : Math.min(limit, count);
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
