package org.alborz.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.alborz.text.Quoted;

/**
 * What decides a loader's batches, by name: two loaders with equal descriptions give the same batches in the same order.
 *
 * @param settings names and values, in an order to show them in
 */
public record LoaderDescription(Map<String, String> settings) {
    /** As many as there are settings; a file may name more. */
    private static final int MOST_DIFFERENCES = 16;

    public LoaderDescription {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** Says in words what another loader has otherwise; nothing where both give the same batches. */
    public Optional<String> difference(LoaderDescription other) {
        Map<String, String> names = new LinkedHashMap<>(settings);
        names.putAll(other.settings);
        String differences = names.keySet().stream()
                .filter(name -> !Objects.equals(settings.get(name), other.settings.get(name)))
                .limit(MOST_DIFFERENCES)
                .map(name -> Quoted.escape(name, 80) + "=" + shown(settings.get(name)) + " against "
                        + shown(other.settings.get(name)))
                .collect(Collectors.joining(", "));
        return differences.isEmpty() ? Optional.empty() : Optional.of(differences);
    }

    private static String shown(String value) {
        return value == null ? "nothing" : Quoted.escape(value, 300);
    }

    @Override
    public String toString() {
        return settings.entrySet().stream()
                .map(e -> e.getKey() + "=" + shown(e.getValue()))
                .collect(Collectors.joining(" "));
    }
}
