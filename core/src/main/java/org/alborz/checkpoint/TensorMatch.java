package org.alborz.checkpoint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alborz.text.Quoted;
import org.alborz.type.Shape;

/**
 * Which tensors of a file belong to which of a model's or trainer's, found and checked before any is read.
 *
 * @param names what is needed, and the tensor of the file that has it
 * @param missing what is needed and the file lacks
 * @param superfluous what the file has and nobody needs
 */
record TensorMatch(Map<String, String> names, List<String> missing, List<String> superfluous) {
    /** Tensors of this beginning are a model's in files that Alborz wrote. */
    static final String MODEL = "model.";

    /** Tensors of this beginning are an optimizer's. */
    static final String OPTIMIZER = "optimizer.";

    /** Tensors of this beginning are a trainer's. */
    static final String TRAINER = "trainer.";

    /** More states a parameter than any optimizer has; a bound on what is read for nothing. */
    private static final int MOST_STATES = 8;

    /** Matches everything in a file, for resuming. */
    static TensorMatch of(SafetensorsFile file, Map<String, Shape> wanted) {
        Map<String, String> names = new LinkedHashMap<>();
        wanted.keySet().stream().filter(file::contains).forEach(name -> names.put(name, name));
        return matched(file, wanted, names, List.of());
    }

    /**
     * Matches a model's weights, named as in the model: in a file that Alborz wrote with {@code model.} in front, where the tensors of an
     * optimizer and a trainer do not count; in one of another program with or without.
     */
    static TensorMatch ofWeights(SafetensorsFile file, boolean ours, Map<String, Shape> wanted) {
        boolean prefixed = ours || wanted.keySet().stream().noneMatch(file::contains);
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : wanted.keySet()) {
            String stored = prefixed ? MODEL + name : name;
            if (file.contains(stored)) {
                names.put(name, stored);
            }
        }
        return matched(file, wanted, names, ours ? trainingTensors(file, wanted) : List.of());
    }

    /** Matches a model's states, and the moving averages of its weights in the place of these; those that are missing have neither. */
    static TensorMatch ofAverages(SafetensorsFile file, Set<String> states, Map<String, Shape> wanted) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : wanted.keySet()) {
            String stored = (states.contains(MODEL + name) ? MODEL : TRAINER + "ema.") + name;
            if (file.contains(stored)) {
                names.put(name, stored);
            }
        }
        return matched(file, wanted, names, List.of());
    }

    /** Returns those of a trainer, and of an optimizer for this model; anything else under an optimizer's name is superfluous. */
    private static List<String> trainingTensors(SafetensorsFile file, Map<String, Shape> wanted) {
        List<String> trainer = new ArrayList<>();
        List<String> optimizer = new ArrayList<>();
        Set<String> states = new HashSet<>();
        for (SafetensorsEntry entry : file.entries()) {
            int dot = entry.name().indexOf('.', OPTIMIZER.length());
            if (entry.name().startsWith(TRAINER)) {
                trainer.add(entry.name());
            } else if (entry.name().startsWith(OPTIMIZER)
                    && dot > 0
                    && entry.shape().equals(wanted.get(entry.name().substring(dot + 1)))) {
                optimizer.add(entry.name());
                states.add(entry.name().substring(0, dot));
            }
        }
        if (states.size() <= MOST_STATES) {
            trainer.addAll(optimizer);
        }
        return trainer;
    }

    private static TensorMatch matched(
            SafetensorsFile file, Map<String, Shape> wanted, Map<String, String> names, List<String> ignored) {
        List<String> missing = wanted.keySet().stream()
                .filter(name -> !names.containsKey(name))
                .toList();
        Map<String, SafetensorsEntry> rest = new LinkedHashMap<>();
        file.entries().forEach(entry -> rest.put(entry.name(), entry));
        rest.keySet().removeAll(names.values());
        ignored.forEach(rest::remove);
        names.forEach((name, stored) -> requireShape(file, file.entry(stored), wanted.get(name)));
        return new TensorMatch(names, missing, List.copyOf(rest.keySet()));
    }

    private static void requireShape(SafetensorsFile file, SafetensorsEntry entry, Shape wanted) {
        if (!entry.shape().equals(wanted)) {
            throw new CheckpointException(file.path() + ": expected tensor " + Quoted.text(entry.name()) + " of shape "
                    + wanted + ", got " + entry.shape() + ". It was saved from another model; build that one");
        }
        if (!entry.type().isFloating()) {
            throw new CheckpointException(file.path() + ": tensor " + entry
                    + " is no floating tensor (F16, BF16, F32 or F64); it was saved from another model");
        }
    }

    /**
     * Refuses a match that leaves something over.
     *
     * @param remedy what the caller can do, a sentence
     */
    void requireComplete(SafetensorsFile file, String remedy) {
        if (!missing.isEmpty() || !superfluous.isEmpty()) {
            throw new CheckpointException(file.path() + " does not fit this model:"
                    + (missing.isEmpty() ? "" : " it lacks " + Quoted.list(missing) + ".")
                    + (superfluous.isEmpty() ? "" : " It has " + Quoted.list(superfluous) + ", which the model lacks.")
                    + " " + remedy);
        }
    }
}
