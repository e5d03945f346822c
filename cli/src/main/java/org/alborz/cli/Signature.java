package org.alborz.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a model makes of what.
 *
 * @param inputs how many numbers a row of a table becomes; 0 where the model does not depend on it
 * @param outputs the number of classes or tokens, or 1
 */
record Signature(Task task, int inputs, int outputs) {
    private static final String TASK = "task";
    private static final String INPUTS = "inputs";
    private static final String OUTPUTS = "outputs";
    private static final int MOST = 1 << 24;

    Signature {
        OptionChecks.between(INPUTS, inputs, 0, MOST);
        OptionChecks.between(OUTPUTS, outputs, 1, MOST);
    }

    static Signature classifier(int inputs, List<String> classes) {
        return new Signature(Task.CLASSIFICATION, inputs, classes.size());
    }

    /** Adds it to the metadata of a checkpoint. */
    void writeTo(Map<String, String> metadata) {
        metadata.put(TASK, task.name().toLowerCase(Locale.ROOT));
        metadata.put(INPUTS, Integer.toString(inputs));
        metadata.put(OUTPUTS, Integer.toString(outputs));
    }

    /** Reads it from the metadata of a checkpoint; one without is that of a classifier of images. */
    static Signature of(Map<String, String> metadata, List<String> classes) {
        Task task = Task.valueOf(
                metadata.getOrDefault(TASK, Task.CLASSIFICATION.name()).toUpperCase(Locale.ROOT));
        int inputs = Integer.parseInt(metadata.getOrDefault(INPUTS, "0"));
        return task == Task.CLASSIFICATION
                ? classifier(inputs, classes)
                : new Signature(task, inputs, Integer.parseInt(metadata.get(OUTPUTS)));
    }
}
