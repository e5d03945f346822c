package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.alborz.models.Models;
import org.alborz.nn.Layer;
import org.alborz.type.Shape;
import picocli.CommandLine.Option;

/** What a net is looked at with: the size of its images, how many there are, and how many classes a net without a checkpoint has. */
final class NetOptions {
    private static final int LARGEST_IMAGE = 4096;
    private static final int MOST_IMAGES = 1 << 20;
    private static final int MOST_CLASSES = 1 << 20;
    private static final int USUAL_CLASSES = 10;

    @Option(
            names = "--image-size",
            paramLabel = "N",
            description = "Height and width of the images (default: " + Models.USUAL_SIZE
                    + "); of a checkpoint, that which it was trained with.")
    private Integer imageSize;

    @Option(
            names = "--classes",
            paramLabel = "N",
            description = "Outputs of a net by name (default: " + USUAL_CLASSES + ").")
    private Integer classes;

    @Option(names = "--batch-size", paramLabel = "N", defaultValue = "1", description = "Images at once (default: 1).")
    private int batchSize;

    /** Refuses values that cannot be meant. */
    void check() {
        OptionChecks.count("--batch-size", batchSize, MOST_IMAGES);
        if (imageSize != null) {
            OptionChecks.count("--image-size", imageSize, LARGEST_IMAGE);
        }
        if (classes != null) {
            OptionChecks.count("--classes", classes, MOST_CLASSES);
        }
    }

    /** Returns a checkpoint that a model argument names, or null where it names a net. */
    SavedModel saved(String model) {
        if (Models.NAMES.contains(model)) {
            return null;
        }
        Path file = path(model);
        if (!Files.exists(file) && !model.endsWith(".safetensors")) {
            throw OptionChecks.refused(
                    "MODEL", "a checkpoint, or one of " + String.join(", ", Models.NAMES), "'" + model + "'");
        }
        SavedModel saved = SavedModel.read(file);
        saved.requireImages("this command", "measure it with ./alborz evaluate");
        int trained = saved.settings().imageSize();
        if (imageSize != null && imageSize != trained || classes != null) {
            throw CommandFailure.usage((classes != null ? "--classes" : "--image-size")
                    + " does not go with a checkpoint, whose net takes images of " + trained + " pixels a side and has "
                    + saved.classes().size() + " classes; leave it out");
        }
        return saved;
    }

    private static Path path(String model) {
        try {
            return Path.of(model);
        } catch (InvalidPathException e) {
            throw new CommandFailure(
                    ExitCodes.USAGE, "MODEL expects a name or a path, got '" + model + "': " + e.getReason(), e);
        }
    }

    /** Returns the net of a checkpoint, or of a name where there is none. */
    Layer net(String model, SavedModel saved) {
        if (saved != null) {
            return saved.settings().newModel(saved.signature());
        }
        int size = size(null);
        int smallest = Models.smallestSize(model);
        if (size < smallest) {
            throw OptionChecks.refused("--image-size", "at least " + smallest + " for " + model, size);
        }
        return Models.byName(model, classes == null ? USUAL_CLASSES : classes, size);
    }

    /** Returns the shape of a batch of images. */
    Shape input(SavedModel saved) {
        return Shape.of(batchSize, 3, size(saved), size(saved));
    }

    private int size(SavedModel saved) {
        if (saved != null) {
            return saved.settings().imageSize();
        }
        return imageSize == null ? Models.USUAL_SIZE : imageSize;
    }

    /** Returns the files that model arguments name. */
    static List<Path> files(SavedModel... saved) {
        return Arrays.stream(saved)
                .filter(Objects::nonNull)
                .map(SavedModel::file)
                .toList();
    }
}
