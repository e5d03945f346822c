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
 * @param copies tensors of the file that have to hold the same as another one of it, and what is needed that both are: parameters that
 *     a model shares and the file has twice
 * @param missing what is needed and the file lacks
 * @param unexpected what the file has and nobody needs
 * @param skipped what the file has and was not to be read
 */
record TensorMatch(
        Map<String, String> names,
        Map<String, String> copies,
        List<String> missing,
        List<String> unexpected,
        List<String> skipped) {
    /** Tensors of this beginning are a model's in files that Alborz wrote. */
    static final String MODEL = "model.";

    /** Tensors of this beginning are an optimizer's. */
    static final String OPTIMIZER = "optimizer.";

    /** Tensors of this beginning are a trainer's. */
    static final String TRAINER = "trainer.";

    /** More states a parameter than any optimizer has; a bound on what is read for nothing. */
    private static final int MOST_STATES = 8;

    /** Matches everything in a file, for resuming. */
    static TensorMatch of(SafetensorsFile file, Map<String, Expected> wanted) {
        Map<String, String> names = new LinkedHashMap<>();
        wanted.keySet().stream().filter(file::contains).forEach(name -> names.put(name, name));
        return matched(file, wanted, names);
    }

    private static TensorMatch matched(SafetensorsFile file, Map<String, Expected> wanted, Map<String, String> names) {
        List<String> missing = wanted.keySet().stream()
                .filter(name -> !names.containsKey(name))
                .toList();
        Set<String> used = new HashSet<>(names.values());
        List<String> unexpected = file.entries().stream()
                .map(SafetensorsEntry::name)
                .filter(name -> !used.contains(name))
                .toList();
        names.forEach((name, stored) -> wanted.get(name).require(file, file.entry(stored), "Build that one"));
        return new TensorMatch(names, Map.of(), missing, unexpected, List.of());
    }

    /** Matches a model's states, and the moving averages of its weights in the place of these; those that are missing have neither. */
    static TensorMatch ofAverages(SafetensorsFile file, Set<String> states, Map<String, Expected> wanted) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : wanted.keySet()) {
            String stored = (states.contains(MODEL + name) ? MODEL : TRAINER + "ema.") + name;
            if (file.contains(stored)) {
                names.put(name, stored);
            }
        }
        return matched(file, wanted, names);
    }

    /** Returns those of a trainer, and of an optimizer for this model; anything else under an optimizer's name is unexpected. */
    static List<String> trainingTensors(SafetensorsFile file, Map<String, Shape> wanted) {
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

    /**
     * Refuses a match that leaves something over.
     *
     * @param remedy what the caller can do, a sentence
     */
    void requireComplete(SafetensorsFile file, String remedy) {
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new CheckpointException(file.path() + " does not fit this model:"
                    + (missing.isEmpty() ? "" : " it lacks " + Quoted.list(missing) + ".")
                    + (unexpected.isEmpty() ? "" : " It has " + Quoted.list(unexpected) + ", which the model lacks.")
                    + " " + remedy);
        }
    }
}
