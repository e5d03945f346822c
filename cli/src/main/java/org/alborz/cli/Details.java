package org.alborz.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alborz.text.Quoted;

/** The settings that only some models have, by the names of their options without the dashes; sorted, so that equal ones are stored alike. */
final class Details {
    private static final int LONGEST_NUMBER = 9;

    private Details() {}

    /** Returns details with one more, or with another value of one. */
    static Map<String, String> with(Map<String, String> details, String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(details);
        more.put(key, value);
        return sorted(more);
    }

    static Map<String, String> sorted(Map<String, String> details) {
        return Collections.unmodifiableMap(new TreeMap<>(details));
    }

    /** Refuses details that a model has not. */
    static void requireKeys(Map<String, String> details, List<String> known, String model) {
        for (String key : details.keySet()) {
            if (!known.contains(key)) {
                throw CommandFailure.usage("--" + key + " has no meaning for " + model + "; leave it out");
            }
        }
    }

    /** Returns a whole number of an option, the usual one where it is not given. */
    static int number(Map<String, String> details, String key, int usual, int most) {
        return details.containsKey(key) ? number("--" + key, details.get(key), most) : usual;
    }

    private static int number(String option, String text, int most) {
        boolean plain = !text.isEmpty()
                && text.length() <= LONGEST_NUMBER
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!plain) {
            throw OptionChecks.refused(option, "a whole number from 1 to " + most, Quoted.text(text));
        }
        return OptionChecks.count(option, Integer.parseInt(text), most);
    }

    /** Returns sizes written with + between them. */
    static int[] sizes(String option, String text, int most) {
        String[] words = text.split("\\+", -1);
        int[] sizes = new int[words.length];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = number(option, words[i], most);
        }
        return sizes;
    }
}
