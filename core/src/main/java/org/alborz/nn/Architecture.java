package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import org.alborz.text.Described;

/** What a net consists of in words, so that a resumed run can tell whether it changed. */
public final class Architecture {
    private Architecture() {}

    /**
     * Returns a line for each module, with its path and what {@code toString} says of its settings; a module whose class has none is
     * named by its class.
     */
    public static List<String> of(Module module) {
        List<String> lines = new ArrayList<>();
        collect(module, "", lines);
        return lines;
    }

    private static void collect(Module module, String path, List<String> into) {
        into.add((path.isEmpty() ? "net" : path) + ": " + Described.of(module));
        module.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                // Names and shapes of parameters are those of the tensors.
            }

            @Override
            public void module(String name, Module part) {
                collect(part, path.isEmpty() ? name : path + "." + name, into);
            }
        });
    }
}
