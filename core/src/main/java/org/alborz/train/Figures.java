package org.alborz.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.alborz.nn.BatchTensors;

/** Finds a loss or metric by its name. */
final class Figures {
    /** Stands in front of the names of what was measured on the validation data. */
    static final String VALIDATION = "val_";

    private Figures() {}

    static double value(String name, double loss, Map<String, Double> values) {
        if (BatchTensors.LOSS.equals(name)) {
            return loss;
        }
        Double value = values.get(name);
        if (value == null) {
            List<String> known = new ArrayList<>(List.of(BatchTensors.LOSS));
            known.addAll(values.keySet());
            throw new IllegalArgumentException(
                    "There is no metric '" + name + "'; there are " + known + ". Give the trainer those you ask for");
        }
        return value;
    }

    /** Returns figures in a line, such as {@code loss 0.0482  accuracy 0.9833}. */
    static String text(Map<String, Double> figures) {
        return figures.entrySet().stream()
                .map(figure -> String.format(Locale.ROOT, "%s %.4f", figure.getKey(), figure.getValue()))
                .collect(Collectors.joining("  "));
    }
}
