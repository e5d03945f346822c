package org.alborz.tune;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The values of one trial by name, in the order of the search space.
 *
 * @param values each a {@link Double}, an {@link Integer} or a {@link String}; a dimension whose condition does not hold has none
 */
public record Settings(Map<String, Object> values) {
    public Settings {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Tells whether there is a value of this name: not where the dimension's condition does not hold. */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** Returns a real or whole number. */
    public double number(String name) {
        return ((Number) value(name, Number.class, "number")).doubleValue();
    }

    /** Returns a whole number. */
    public int integer(String name) {
        return (Integer) value(name, Integer.class, "whole number");
    }

    /** Returns a word that was chosen. */
    public String choice(String name) {
        return (String) value(name, String.class, "choice");
    }

    private Object value(String name, Class<?> type, String what) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("There is no setting " + name + " in this trial, which has "
                    + values.keySet() + "; ask has(name) where it depends on another");
        }
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("Setting " + name + " is no " + what + " but " + value);
        }
        return value;
    }

    /** Returns the settings in a line: {@code learning_rate=0.0123 optimizer=sgd}. */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** Returns a value as it is shown: numbers with four digits. */
    static String text(Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%.4g", number) : String.valueOf(value);
    }
}
