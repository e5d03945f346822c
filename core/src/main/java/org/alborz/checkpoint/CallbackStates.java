package org.alborz.checkpoint;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;

/** What a trainer's callbacks remember, as metadata {@code callback.<name>.<key>}; the second of a name is {@code <name>#2}. */
final class CallbackStates {
    static final String PREFIX = "callback.";

    private CallbackStates() {}

    /** Returns the callbacks that have a state, by the prefix of their keys. */
    private static Map<String, Callback> byPrefix(Trainer trainer) {
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Callback> named = new LinkedHashMap<>();
        for (Callback callback : trainer.callbacks()) {
            if (!callback.state().isEmpty()) {
                String name = callback.name().replace('.', '_');
                int count = counts.merge(name, 1, Integer::sum);
                named.put(PREFIX + (count == 1 ? name : name + "#" + count) + ".", callback);
            }
        }
        return named;
    }

    static Map<String, String> of(Trainer trainer) {
        Map<String, String> metadata = new LinkedHashMap<>();
        byPrefix(trainer)
                .forEach((prefix, callback) ->
                        callback.state().forEach((key, value) -> metadata.put(prefix + key, value)));
        return metadata;
    }

    /** Returns the tensors of callbacks, as views of the innermost scope, by the prefix of their states and their names. */
    static Map<String, Tensor> tensors(Trainer trainer) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        byPrefix(trainer)
                .forEach((prefix, callback) -> callback.tensors(trainer)
                        .forEach((name, tensor) -> tensors.put(TensorMatch.TRAINER + prefix + name, tensor)));
        return tensors;
    }

    /**
     * Hands every callback its state, or changes none.
     *
     * @return what gives them back the state they had
     * @throws CheckpointException when the file has a state of a callback that the trainer lacks, or lacks one of its, or a callback
     *     refuses its state
     */
    static Runnable restore(String file, Map<String, String> metadata, Trainer trainer) {
        Map<String, Callback> callbacks = byPrefix(trainer);
        requireSameNames(file, metadata, callbacks.keySet());
        Map<Callback, Map<String, String>> before = new IdentityHashMap<>();
        callbacks.forEach((prefix, callback) -> {
            before.put(callback, callback.state());
            try {
                callback.restore(stateIn(metadata, prefix));
            } catch (RuntimeException e) {
                before.forEach(Callback::restore);
                throw new CheckpointException(
                        file + " cannot be resumed: " + Quoted.printable(String.valueOf(e.getMessage()))
                                + ". Build the trainer with the same callbacks," + " or start a new run",
                        e);
            }
        });
        return () -> before.forEach(Callback::restore);
    }

    private static void requireSameNames(String file, Map<String, String> metadata, Set<String> prefixes) {
        Set<String> missing = new LinkedHashSet<>();
        Set<String> unknown = new LinkedHashSet<>();
        for (String prefix : prefixes) {
            if (stateIn(metadata, prefix).isEmpty()) {
                missing.add(nameOf(prefix));
            }
        }
        for (String key : metadata.keySet()) {
            if (key.startsWith(PREFIX) && prefixes.stream().noneMatch(key::startsWith)) {
                unknown.add(nameOf(key.substring(0, key.indexOf('.', PREFIX.length()) + 1)));
            }
        }
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new CheckpointException(file + " cannot be resumed with these callbacks:"
                    + (missing.isEmpty() ? "" : " it has no state of " + Quoted.list(missing) + ".")
                    + (unknown.isEmpty()
                            ? ""
                            : " It has a state of " + Quoted.list(unknown) + ", which this trainer lacks.")
                    + " Build the trainer with the callbacks it was saved with, or start a new run");
        }
    }

    private static String nameOf(String prefix) {
        return prefix.isEmpty() ? "" : prefix.substring(PREFIX.length(), prefix.length() - 1);
    }

    private static Map<String, String> stateIn(Map<String, String> metadata, String prefix) {
        Map<String, String> state = new LinkedHashMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                state.put(key.substring(prefix.length()), value);
            }
        });
        return state;
    }
}
