package org.alborz.text;

/** Refuses arguments that several packages refuse alike, by name. */
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

    /**
     * Returns a number above 0.
     *
     * @param whose what expects it, such as {@code "clipNorm"}
     * @throws IllegalArgumentException when it is 0 or less, infinite or NaN
     */
    public static double above0(double value, String whose) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(whose + " expects a finite number above 0, got " + value);
        }
        return value;
    }
}
