package org.alborz.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.alborz.text.Quoted;
import org.alborz.type.Shape;

/** Finds which tensors of a file are a model's weights: of a checkpoint, a file of weights, or another program's. */
final class WeightMatch {
    /** How many batches PyTorch's batch norm has seen; only its momentum-free average needs it, which ours does not have. */
    private static final String BATCHES_TRACKED = "num_batches_tracked";

    private static final String REMEDY = "Build that one, or leave the tensor out with LoadOptions.only";

    private final SafetensorsFile file;
    private final boolean checkpoint;
    private final LoadOptions options;
    private final List<Wanted> wanted;
    private final Set<String> wantedNames;
    private final boolean prefixed;
    private final List<String> unexpected = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    /** The tensor of the file for each name in the model. */
    private final Map<String, String> stored = new LinkedHashMap<>();

    private WeightMatch(SafetensorsFile file, boolean checkpoint, List<Wanted> wanted, LoadOptions options) {
        this.file = file;
        this.checkpoint = checkpoint;
        this.wanted = wanted;
        this.options = options;
        this.wantedNames = wanted.stream().flatMap(one -> one.names().stream()).collect(Collectors.toSet());
        this.prefixed = checkpoint
                || file.entries().stream()
                        .map(entry -> options.nameInModel(entry.name()))
                        .noneMatch(wantedNames::contains);
    }

    /**
     * Matches names and shapes as the options ask.
     *
     * @param checkpoint whether it is a file that Alborz wrote with a whole run
     */
    static TensorMatch of(SafetensorsFile file, boolean checkpoint, List<Wanted> wanted, LoadOptions options) {
        return new WeightMatch(file, checkpoint, wanted, options).find();
    }

    private TensorMatch find() {
        requireUsed();
        nameTensors();
        Map<String, String> names = new LinkedHashMap<>();
        Map<String, String> copies = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (Wanted one : wanted) {
            List<String> asked = one.names().stream().filter(options::takes).toList();
            List<String> found =
                    asked.stream().map(stored::remove).filter(Objects::nonNull).toList();
            if (!found.isEmpty()) {
                names.put(one.name(), found.get(0));
                found.subList(1, found.size()).forEach(copy -> copies.put(copy, one.name()));
                found.forEach(name -> one.expected().require(file, file.entry(name), REMEDY));
            } else if (!asked.isEmpty()) {
                missing.add(one.name());
            }
        }
        unexpected.addAll(stored.values());
        return new TensorMatch(names, copies, missing, unexpected, skipped);
    }

    /** Refuses a part to be renamed that the file does not have, and a prefix that no tensor has. */
    private void requireUsed() {
        Set<String> unused = new HashSet<>(options.parts().keySet());
        boolean found = false;
        for (SafetensorsEntry entry : file.entries()) {
            String name = plain(entry.name());
            if (name.startsWith(options.prefix())) {
                found = true;
                unused.remove(options.partOf(name.substring(options.prefix().length())));
            }
        }
        if (!found && !file.entries().isEmpty()) {
            throw new CheckpointException(file.path() + " has no tensor whose name begins with "
                    + Quoted.text(options.prefix()) + "; it has " + Quoted.list(storedNames()));
        }
        if (!unused.isEmpty()) {
            throw new CheckpointException(file.path() + " has nothing named " + Quoted.list(unused)
                    + ", which are to be renamed; it has " + Quoted.list(storedNames()));
        }
    }

    private List<String> storedNames() {
        return file.entries().stream().map(SafetensorsEntry::name).toList();
    }

    /** Finds the name in the model of each tensor: in a checkpoint without {@code model.}, in another program's file with or without. */
    private void nameTensors() {
        Set<String> training = Set.of();
        if (checkpoint) {
            Map<String, Shape> shapes = new HashMap<>();
            wanted.forEach(one ->
                    one.names().forEach(name -> shapes.put(name, one.expected().shape())));
            training = Set.copyOf(TensorMatch.trainingTensors(file, shapes));
        }
        for (SafetensorsEntry entry : file.entries()) {
            if (!training.contains(entry.name())) {
                nameTensor(entry);
            }
        }
    }

    private void nameTensor(SafetensorsEntry entry) {
        if (checkpoint && !entry.name().startsWith(TensorMatch.MODEL)) {
            unexpected.add(entry.name());
            return;
        }
        String name = options.nameInModel(plain(entry.name()));
        boolean counts = !checkpoint
                && !entry.type().isFloating()
                && entry.name().endsWith(BATCHES_TRACKED)
                && !wantedNames.contains(name);
        if (name == null || counts || !options.takes(name)) {
            skipped.add(entry.name());
            return;
        }
        String other = stored.putIfAbsent(name, entry.name());
        if (other != null) {
            throw new CheckpointException(file.path() + ": tensors " + Quoted.text(other) + " and "
                    + Quoted.text(entry.name()) + " are both named " + Quoted.text(name)
                    + " in the model; rename them to different names, or skip one");
        }
    }

    /** Returns a name without the {@code model.} that checkpoints put in front, and some programs. */
    private String plain(String name) {
        return prefixed && name.startsWith(TensorMatch.MODEL) ? name.substring(TensorMatch.MODEL.length()) : name;
    }
}
