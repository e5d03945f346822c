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
 * @param classes the names of the model's outputs; empty where it is no classifier
 * @param tokens of a text, as {@link Tokens#parse} takes them; empty of other data
 * @param epochs how many it had finished
 */
record SavedModel(
        Path file, TrainSettings settings, List<String> classes, Signature signature, String tokens, int epochs) {
    private static final int MOST_NAMED = 10;
    private static final String SETTINGS = "settings";
    private static final String CLASSES = "classes";
    private static final String TOKENS = "tokens";

    /** The entry that {@link TableSource#columns} makes. */
    static final String COLUMNS = "columns";

    /** Returns what {@code train} writes into its checkpoints for {@link #read}, and for people. */
    static Map<String, String> provenance(
            TrainSettings settings, DataSource source, Signature signature, Dataset training) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("model", settings.model());
        signature.writeTo(entries);
        entries.put(CLASSES, JsonFile.text(required(signature.task(), training.classes())));
        if (source instanceof TextSource text) {
            entries.put(TOKENS, text.tokens().toText());
        } else if (source instanceof TableSource table) {
            entries.put(COLUMNS, table.columns());
        }
        entries.put("data", training.description());
        entries.put(SETTINGS, JsonFile.text(settings));
        entries.put("alborz", Alborz.version());
        return entries;
    }

    /** Returns what another program needs to know about the weights, as metadata of a file of them. */
    Map<String, String> description() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("model", settings.model());
        signature.writeTo(entries);
        entries.put(CLASSES, JsonFile.text(classes));
        if (!tokens.isEmpty()) {
            entries.put(TOKENS, tokens);
        }
        entries.put(SETTINGS, JsonFile.text(settings));
        entries.put("epochs", Integer.toString(epochs));
        entries.put("program", "Alborz " + Alborz.version());
        return entries;
    }

    /** Refuses names that a classifier cannot have. */
    private static List<String> required(Task task, List<String> classes) {
        if (task != Task.CLASSIFICATION && !classes.isEmpty()) {
            throw new IllegalArgumentException("it has the names of classes and is no classifier");
        }
        return task == Task.CLASSIFICATION ? ClassNames.require(classes) : classes;
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
            List<String> names = Arrays.asList(JsonFile.parse(classes, String[].class));
            TrainSettings parsed = JsonFile.parse(settings, TrainSettings.class);
            Signature signature = Signature.of(metadata, names);
            required(signature.task(), names);
            String tokens = metadata.getOrDefault(TOKENS, "");
            if (TextSettings.isOf(parsed.model()) != (signature.task() == Task.LANGUAGE_MODEL)
                    || signature.task() == Task.LANGUAGE_MODEL
                            && Tokens.parse(tokens).size() != signature.outputs()) {
                throw new IllegalArgumentException("its task and its tokens are not those of its model");
            }
            return new SavedModel(
                    file,
                    parsed,
                    names,
                    signature,
                    tokens,
                    OptionChecks.index("epoch", Integer.parseInt(metadata.getOrDefault("epoch", "0"))));
        } catch (IllegalArgumentException | NullPointerException | CommandFailure e) {
            throw new DataException(
                    file + " is damaged: its metadata does not describe a model of ./alborz train (" + e.getMessage()
                            + "); use another checkpoint",
                    e);
        }
    }

    /**
     * Returns data to measure the model on.
     *
     * @param data null for those it was trained on, of which a part was held out
     */
    DataSource source(String data, int limit) {
        String path = data == null ? settings.data() : ImageSource.absolute(data);
        if (signature.task() == Task.LANGUAGE_MODEL) {
            TextSettings sizes = TextSettings.of(settings.model(), settings.details());
            return new TextSource(Path.of(path), limit, sizes, Tokens.parse(tokens), data != null);
        }
        if (TableSource.isAt(settings.data())) {
            TableSource training = new TableSource(Path.of(settings.data()), limit, settings.details());
            return data == null ? training : training.other(Path.of(path), limit);
        }
        return new ImageSource(path, limit, settings.imageSize());
    }

    /** Refuses data whose classes are not those of the model, in its order. */
    void requireSameClasses(Dataset data) {
        if (!data.classes().equals(classes)) {
            throw new DataException(file + " knows the classes " + shortened(classes) + ", and the data have "
                    + shortened(data.classes()) + "; name the data it was trained on with --data, here "
                    + settings.data());
        }
    }

    private static String shortened(List<String> classes) {
        String first = String.join(", ", classes.subList(0, Math.min(MOST_NAMED, classes.size())));
        return "[" + first + (classes.size() > MOST_NAMED ? ", … (" + classes.size() + " in all)]" : "]");
    }

    /** Refuses a model of texts, for a command that looks at samples of other kinds. */
    void requireNoText(String command) {
        if (signature.task() == Task.LANGUAGE_MODEL) {
            throw CommandFailure.usage(file + " is a model of texts, and " + command
                    + " is for others; measure it with ./alborz evaluate, or use ./alborz generate");
        }
    }

    /**
     * Refuses a model of anything but images.
     *
     * @param command that looks at images
     * @param ofTables what to do with a model of tables
     */
    void requireImages(String command, String ofTables) {
        requireNoText(command);
        if (TableSource.isAt(settings.data())) {
            throw CommandFailure.usage(
                    file + " is a model of tables, and " + command + " is for those of images; " + ofTables);
        }
    }

    /** Rebuilds the model with its weights; a net that the file does not hold takes no memory. */
    Model open(Session session) {
        return Weights.load(file, session, settings.newModel(signature));
    }
}
