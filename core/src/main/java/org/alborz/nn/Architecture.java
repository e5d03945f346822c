package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import org.alborz.text.Described;

/** What a net consists of in words, so that a resumed run can tell whether it changed. */
public final class Architecture {
    private static final String CLASS = "class ";

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

    /** Returns a net as a tree to print: a line for each module, indented below the one it is part of. */
    static String tree(Module module) {
        StringBuilder text = new StringBuilder();
        branch(module, "", text);
        return text.substring(0, text.length() - 1);
    }

    private static void branch(Module module, String indent, StringBuilder text) {
        String words = words(module);
        text.append(words.startsWith(CLASS) ? words.substring(CLASS.length()) : words)
                .append('\n');
        module.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                // Model.summary lists them.
            }

            @Override
            public void module(String name, Module part) {
                text.append(indent).append("  ").append(name).append(": ");
                branch(part, indent + "  ", text);
            }
        });
    }

    /** Returns the settings of a module without those of its parts. */
    private static String words(Module module) {
        if (module instanceof Residual residual) {
            return CLASS + Described.className(module) + residual.settings();
        }
        return module instanceof Sequential || module instanceof Branches
                ? CLASS + Described.className(module)
                : Described.of(module);
    }

    private static void collect(Module module, String path, List<String> into) {
        into.add((path.isEmpty() ? "net" : path) + ": " + words(module));
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
