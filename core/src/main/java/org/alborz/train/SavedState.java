package org.alborz.train;

import java.util.Map;
import org.alborz.text.Quoted;

/**
 * A state that a callback is to go on from.
 *
 * @param owner the callback's name in messages
 */
record SavedState(String owner, Map<String, String> values) {
    /** Refuses a setting that is not the callback's own. */
    void requireSame(String name, String own, String unless) {
        String saved = values.getOrDefault(name, unless);
        if (!own.equals(saved)) {
            throw new IllegalArgumentException(
                    owner + " was saved with another " + name + " than " + own + ": " + Quoted.text(saved));
        }
    }

    /** Returns a number that is not NaN, and infinite only where that is its first value. */
    double number(String name, double first) {
        try {
            double value = Double.parseDouble(String.valueOf(values.get(name)));
            if (Double.isFinite(value) || value == first) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw wrong(name, e);
        }
        throw wrong(name, null);
    }

    /** Returns a whole number of at least 0. */
    int count(String name) {
        try {
            int value = Integer.parseInt(String.valueOf(values.get(name)));
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw wrong(name, e);
        }
        throw wrong(name, null);
    }

    IllegalArgumentException wrong(String name, Exception cause) {
        return new IllegalArgumentException(
                owner + " cannot go on from " + name + " " + Quoted.text(values.get(name))
                        + ", which is no such number",
                cause);
    }
}
