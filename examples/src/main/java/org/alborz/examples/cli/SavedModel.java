package org.alborz.examples.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.models.Models;
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
    private static final int MAX_CLASSES = 100_000;

    /** Returns what {@code train} writes into its checkpoints for {@link #read}, and for people. */
    static Map<String, String> provenance(TrainSettings settings, Dataset training) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("model", settings.model());
        entries.put(CLASSES, JsonFile.text(training.classes()));
        entries.put("data", training.description());
        entries.put(SETTINGS, JsonFile.text(settings));
        entries.put("alborz", Alborz.version());
        return entries;
    }

    /** Reads the description of a checkpoint that {@code train} wrote. */
    static SavedModel read(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
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
            List<String> names = List.of(JsonFile.parse(classes, String[].class));
            requireClasses(names);
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

    private static void requireClasses(List<String> names) {
        if (names.size() < 2 || names.size() > MAX_CLASSES) {
            throw new IllegalArgumentException("it names " + names.size() + " classes");
        }
        if (new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException("it names a class twice");
        }
        if (names.stream().anyMatch(name -> name.isBlank() || name.chars().anyMatch(Character::isISOControl))) {
            throw new IllegalArgumentException("the name of a class is empty or has control characters in it");
        }
    }

    /** Rebuilds the model with its weights; a net that the file does not hold takes no memory. */
    Model open(Session session) {
        return Checkpoint.load(file, session, Models.byName(settings.model(), classes.size()));
    }
}
