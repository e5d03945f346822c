package org.alborz.nn;

import java.util.Locale;

/** A model's parameters as a table. */
final class Summary {
    private Summary() {}

    static String of(Model model) {
        int width = model.parameters().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        StringBuilder table = new StringBuilder();
        for (Parameter parameter : model.parameters().values()) {
            table.append(String.format(
                            Locale.ROOT,
                            "%-" + Math.max(1, width) + "s  %-18s %,12d%s",
                            parameter.name(),
                            parameter.shape(),
                            parameter.shape().elements(),
                            remarks(parameter)))
                    .append('\n');
        }
        return table.append(count(model)).toString();
    }

    /** Returns how many numbers are learned, and how many of them are frozen. */
    static String count(Model model) {
        long frozen = model.trainable().stream()
                .filter(Parameter::isFrozen)
                .mapToLong(parameter -> parameter.shape().elements())
                .sum();
        return String.format(Locale.ROOT, "%,d parameters, of which %,d are frozen", model.parameterCount(), frozen);
    }

    private static String remarks(Parameter parameter) {
        String state = parameter.isTrainable()
                ? ""
                : parameter.dtype().map(type -> "  state " + type).orElse("  state");
        String frozen = parameter.isFrozen() ? "  frozen" : "";
        String shared = parameter.names().size() == 1
                ? ""
                : "  shared with "
                        + String.join(
                                ", ",
                                parameter.names().subList(1, parameter.names().size()));
        return state + frozen + shared;
    }
}
