package org.alborz.cuda.natives;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version such as 12.6.4; 0 where none is known.
 *
 * @param text the digits and points
 */
record Version(String text) implements Comparable<Version> {
    private static final Pattern NUMBERS = Pattern.compile("\\d+(\\.\\d+)*");

    /** Returns the first version within a text. */
    static Version in(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        return new Version(numbers.find() ? numbers.group() : "0");
    }

    int major() {
        return numbers()[0];
    }

    private int[] numbers() {
        return Arrays.stream(text.split("\\."))
                .mapToInt(n -> n.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(n))
                .toArray();
    }

    @Override
    public int compareTo(Version other) {
        return Arrays.compare(numbers(), other.numbers());
    }

    @Override
    public String toString() {
        return text;
    }
}
