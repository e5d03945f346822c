package org.alborz.cli;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.alborz.tensor.Session;
import picocli.CommandLine.Model.CommandSpec;

/** All options that decide a run, with the values that it has, as a {@link ConfigFile} that starts the same run again. */
final class EffectiveConfig {
    private static final String LIMIT = "limit";

    private EffectiveConfig() {}

    /** Returns the text of the file. */
    static String of(
            CommandSpec command, TrainSettings settings, BackendOption backend, Session session, Execution execution) {
        ConfigKeys keys = new ConfigKeys(command);
        Map<String, Object> options = new LinkedHashMap<>();
        for (RecordComponent component : TrainSettings.class.getRecordComponents()) {
            put(options, keys, optionName(component.getName()), value(settings, component));
        }
        if (Integer.valueOf(0).equals(options.get(LIMIT))) {
            options.remove(LIMIT); // all images, which is said by no option
        }
        put(options, keys, "backend", session.backend().name());
        backend.options().forEach((key, value) -> put(options, keys, key, value));
        put(options, keys, "graph-capture", execution.graphCapture());
        put(options, keys, "data-on-device", Execution.name(execution.dataOnDevice()));
        return JsonFile.indentedText(options) + "\n";
    }

    private static Object value(TrainSettings settings, RecordComponent component) {
        try {
            return component.getAccessor().invoke(settings);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    private static void put(Map<String, Object> options, ConfigKeys keys, String key, Object value) {
        if (value instanceof Map<?, ?> details) { // of some models only, by the names of options
            details.forEach((name, detail) -> put(options, keys, name.toString(), detail));
            return;
        }
        Object typed = keys.typed(key, value);
        if (typed != null) {
            options.put(key, typed);
        }
    }

    /** Returns {@code batch-size} for {@code batchSize}. */
    private static String optionName(String component) {
        return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
