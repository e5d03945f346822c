package org.alborz.tune;

import java.util.ArrayList;
import java.util.List;

/** What dimensions refuse alike, and the even positions of those that are continuous. */
final class Checks {
    private Checks() {}

    static void name(String name) {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException(
                    "A dimension expects a name, got " + (name == null ? null : "an empty one"));
        }
    }

    static void range(String name, double low, double high) {
        if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new IllegalArgumentException(
                    name + " expects finite numbers, the first below the second, got " + low + " and " + high);
        }
    }

    /** Returns a value as a number that a dimension has. */
    static double number(Dimension dimension, Object value, double low, double high) {
        boolean fits = dimension instanceof Dimension.Integers ? value instanceof Integer : value instanceof Number;
        if (!fits || !(((Number) value).doubleValue() >= low && ((Number) value).doubleValue() <= high)) {
            throw new IllegalArgumentException(dimension.name() + " expects a "
                    + (dimension instanceof Dimension.Integers ? "whole " : "") + "number from " + low + " to " + high
                    + ", got " + value);
        }
        return ((Number) value).doubleValue();
    }

    static List<Object> positions(Dimension dimension, int points) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            values.add(dimension.at(points == 1 ? 0.5 : i / (points - 1.0)));
        }
        return values;
    }
}
