package org.alborz.cli;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A name with settings, as {@code --schedule step:every=10,factor=0.1} has them.
 *
 * @param option that it is the value of
 * @param values by their keys, as they were written
 */
record NamedSettings(String option, String name, Map<String, String> values) {
    private static final Pattern NUMBER =
            Pattern.compile("([0-9]{1,9}\\.?[0-9]{0,9}|\\.[0-9]{1,9})([eE]-?[0-9]{1,2})?");

    /** Reads {@code NAME} or {@code NAME:KEY=VALUE,KEY=VALUE}. */
    static NamedSettings parse(String option, String text) {
        int colon = text.indexOf(':');
        Map<String, String> values = new LinkedHashMap<>();
        if (colon >= 0) {
            for (String part : text.substring(colon + 1).split(",", -1)) {
                int equals = part.indexOf('=');
                if (equals < 1) {
                    throw OptionChecks.refused(
                            option, "settings as in NAME:KEY=VALUE,KEY=VALUE behind the name", "'" + text + "'");
                }
                if (values.put(part.substring(0, equals), part.substring(equals + 1)) != null) {
                    throw OptionChecks.refused(option, "each setting once", "'" + text + "'");
                }
            }
        }
        return new NamedSettings(option, colon < 0 ? text : text.substring(0, colon), Map.copyOf(values));
    }

    /** Refuses settings of other keys. */
    void requireKeys(List<String> known) {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw OptionChecks.refused(
                        option,
                        "for " + name + " "
                                + (known.isEmpty() ? "no settings" : "settings among " + String.join(", ", known)),
                        "'" + key + "'");
            }
        }
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** Returns a number between the least and the most that can be meant, both inclusive; the usual one where it is not given. */
    double number(String key, double usual, double least, double most) {
        return has(key) ? number(key, values.get(key), least, most) : usual;
    }

    /** Returns a whole number, likewise. */
    int count(String key, int usual, int least, int most) {
        double value = number(key, usual, least, most);
        if (value != Math.rint(value)) {
            throw refused(key, "a whole number", values.get(key));
        }
        return (int) value;
    }

    /** Returns numbers that rise, written with + between them; the usual ones where they are not given. */
    double[] rising(String key, double[] usual, double least, double most) {
        if (!has(key)) {
            return usual;
        }
        String[] words = values.get(key).split("\\+", -1);
        double[] numbers = new double[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = number(key, words[i], least, most);
            if (i > 0 && numbers[i] <= numbers[i - 1]) {
                throw refused(key, "numbers that rise, with + between them", values.get(key));
            }
        }
        return numbers;
    }

    private double number(String key, String text, double least, double most) {
        double value = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        if (!(value >= least && value <= most)) {
            throw refused(key, "a number from " + plain(least) + " to " + plain(most), text);
        }
        return value;
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private CommandFailure refused(String key, String expected, String value) {
        return OptionChecks.refused(option, "for " + name + "'s " + key + " " + expected, "'" + value + "'");
    }
}
