package org.alborz.checkpoint;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which of a run's parameters are frozen, as metadata of a checkpoint. */
final class FrozenParameters {
    /** Absent where none is. */
    static final String KEY = "frozen";

    private static final Logger log = LoggerFactory.getLogger(FrozenParameters.class);

    private FrozenParameters() {}

    static Map<String, String> of(Model model) {
        Set<String> frozen = names(model);
        return frozen.isEmpty() ? Map.of() : Map.of(KEY, String.join("\n", frozen));
    }

    private static Set<String> names(Model model) {
        return model.parameters().values().stream()
                .filter(Parameter::isFrozen)
                .map(Parameter::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * Reads which are frozen.
     *
     * @throws CheckpointException when the model has no parameter of such a name
     */
    static Set<String> read(String file, Map<String, String> metadata, Model model) {
        String saved = metadata.get(KEY);
        Set<String> names = saved == null ? Set.of() : new LinkedHashSet<>(Arrays.asList(saved.split("\n", -1)));
        for (String name : names) {
            if (!model.parameters().containsKey(name)) {
                throw new CheckpointException(file + " cannot be resumed: its metadata name " + Quoted.text(name)
                        + " as frozen, which the model has not");
            }
        }
        return names;
    }

    /** Freezes those and no others. */
    static void restore(String file, Model model, Set<String> frozen) {
        if (names(model).equals(frozen)) {
            return;
        }
        log.info("The run of {} continues with {} frozen parameters, as it was saved.", file, frozen.size());
        model.unfreeze(name -> true);
        if (!frozen.isEmpty()) {
            model.freeze(frozen::contains);
        }
    }
}
