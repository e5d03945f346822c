package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.Weights;
import org.alborz.data.ClassNames;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;

/**
 * What a checkpoint says about itself, from which its model is rebuilt.
 *
 * @param classes the names of the model's outputs
 * @param epochs how many it had finished
 */
record SavedModel(Path file, TrainSettings settings, List<String> classes, int epochs) {
    private static final String SETTINGS = "settings";
    private static final String CLASSES = "classes";

    /** Returns what {@code train} writes into its checkpoints for {@link #read}, and for people. */
    static Map<String, String> provenance(TrainSettings settings, Dataset training) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("model", settings.model());
        entries.put(CLASSES, JsonFile.text(ClassNames.require(training.classes())));
        entries.put("data", training.description());
        entries.put(SETTINGS, JsonFile.text(settings));
        entries.put("alborz", Alborz.version());
        return entries;
    }

    /** Reads the description of a checkpoint that {@code train} wrote. */
    static SavedModel read(Path file) {
        if (!file.toString().isEmpty() && Files.exists(file) && !Files.isRegularFile(file)) {
            throw new DataException(
                    "The checkpoint '" + file + "' is a " + (Files.isDirectory(file) ? "folder" : "pipe or device")
                            + ", not a regular file; name a file such as best.safetensors in the folder of a run");
        }
        if (!Files.isRegularFile(file)) {
            throw new DataException("There is no checkpoint '" + file
                    + "'; train writes best.safetensors and last.safetensors" + " into the folder it names at its end");
        }
        Map<String, String> metadata = Checkpoint.metadata(file);
        String settings = metadata.get(SETTINGS);
        String classes = metadata.get(CLASSES);
        if (settings == null || classes == null) {
            throw new DataException(file + " does not say which model it holds (no \"" + SETTINGS + "\" or \"" + CLASSES
                    + "\" in its metadata); it was not written by ./alborz train");
        }
        try {
            List<String> names = ClassNames.require(Arrays.asList(JsonFile.parse(classes, String[].class)));
            return new SavedModel(
                    file,
                    JsonFile.parse(settings, TrainSettings.class),
                    names,
                    OptionChecks.index("epoch", Integer.parseInt(metadata.getOrDefault("epoch", "0"))));
        } catch (IllegalArgumentException | NullPointerException | CommandFailure e) {
            throw new DataException(
                    file + " is damaged: its metadata does not describe a model of ./alborz train (" + e.getMessage()
                            + "); use another checkpoint",
                    e);
        }
    }

    /** Rebuilds the model with its weights; a net that the file does not hold takes no memory. */
    Model open(Session session) {
        return Weights.load(file, session, settings.newModel(classes.size()));
    }
}
