package org.alborz.text;

/** Refuses null by name. */
public final class Given {
    private Given() {}

    /**
     * Returns what was given.
     *
     * @param whose what expects it, such as {@code "Trainer"}
     * @param what with its article, such as {@code "a model"}
     * @throws IllegalArgumentException when it is null
     */
    public static <T> T value(T value, String whose, String what) {
        if (value == null) {
            throw new IllegalArgumentException(whose + " expects " + what + ", got null");
        }
        return value;
    }
}
