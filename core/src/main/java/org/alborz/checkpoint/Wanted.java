package org.alborz.checkpoint;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;

/**
 * A tensor that a file is expected to have.
 *
 * @param names that it may have there; the first is the one it is known by
 */
record Wanted(List<String> names, Expected expected) {
    String name() {
        return names.get(0);
    }

    /** Returns those of a model, each parameter once with all of its names. */
    static List<Wanted> of(Model model) {
        return model.parameters().values().stream()
                .map(parameter -> new Wanted(parameter.names(), Expected.of(parameter)))
                .toList();
    }

    /** Returns those of what a module describes, each parameter once with all of its paths. */
    static List<Wanted> of(Map<String, Parameter> paths) {
        Map<Parameter, List<String>> names = new IdentityHashMap<>();
        List<Wanted> all = new ArrayList<>();
        paths.forEach((path, parameter) -> {
            List<String> known = names.get(parameter);
            if (known == null) {
                known = new ArrayList<>(1);
                names.put(parameter, known);
                all.add(new Wanted(known, Expected.of(parameter)));
            }
            known.add(path);
        });
        return all;
    }
}
