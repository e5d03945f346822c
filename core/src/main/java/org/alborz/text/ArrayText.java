package org.alborz.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;

/**
 * Writes the numbers of an array of any rank as NumPy does: nested brackets, columns aligned, and of long axes only the first and last
 * elements.
 *
 * <p>Fractions have as many digits as the number that needs the most, and 4 at most. Where the largest number is 10⁸ or more, the smallest
 * below 10⁻⁴, or the one more than 1000 times the other, all are written with exponents.
 */
public final class ArrayText {
    /** Arrays of more elements are shortened. */
    public static final int THRESHOLD = 1000;

    /** How many elements of a shortened axis are written at either end; the axis has more than twice as many. */
    public static final int EDGE = 3;

    /** Lines longer than this are broken between two numbers. */
    public static final int LINE_WIDTH = 100;

    private static final int DIGITS = 4;
    private static final double LARGE = 1e8;
    private static final double SMALL = 1e-4;
    private static final double WIDE = 1e3;

    private final int[] sizes;
    private final String[] cells;
    private final boolean shortened;
    private final StringBuilder text = new StringBuilder();
    private int next;

    private ArrayText(int[] sizes, String[] cells, boolean shortened) {
        this.sizes = sizes;
        this.cells = cells;
        this.shortened = shortened;
    }

    /** Tells whether an array of the given number of elements is shortened. */
    public static boolean isShortened(long elements) {
        return elements > THRESHOLD;
    }

    /** Returns how many elements of an axis of a shortened array are written. */
    public static int shown(int size) {
        return size > 2 * EDGE ? 2 * EDGE : size;
    }

    /**
     * Writes floating numbers.
     *
     * @param sizes of the array; of a shortened one, as it was before
     * @param values in row-major order; of a shortened array, {@link #shown} along each axis
     */
    public static String ofFractions(int[] sizes, double[] values) {
        return of(sizes, cells(values, format(values)));
    }

    /** Writes whole numbers or other words, likewise. */
    public static String ofWords(int[] sizes, String[] words) {
        return of(sizes, words.clone());
    }

    private static String of(int[] sizes, String[] cells) {
        int width = Arrays.stream(cells).mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < cells.length; i++) {
            cells[i] = " ".repeat(width - cells[i].length()) + cells[i];
        }
        if (cells.length == 0) {
            return "[]"; // whatever the other axes: they may be long
        }
        long elements = Arrays.stream(sizes).asLongStream().reduce(1, (a, b) -> a * b);
        ArrayText array = new ArrayText(sizes, cells, isShortened(elements));
        array.write(0);
        return array.text.toString();
    }

    private void write(int axis) {
        if (axis == sizes.length) {
            text.append(cells[next++]);
            return;
        }
        text.append('[');
        boolean elided = shortened && sizes[axis] > 2 * EDGE;
        int shown = elided ? 2 * EDGE : sizes[axis];
        for (int i = 0; i < shown; i++) {
            if (elided && i == EDGE) {
                separate(axis, 3);
                text.append("...");
            }
            if (i > 0) {
                separate(axis, axis == sizes.length - 1 ? cells[next].length() : 0);
            }
            write(axis + 1);
        }
        text.append(']');
    }

    /** Begins the next element: on the same line along the last axis, on a line of its own along the others, after an empty one between matrices. */
    private void separate(int axis, int length) {
        text.append(',');
        int below = sizes.length - 1 - axis;
        if (below > 0) {
            text.append("\n".repeat(Math.min(below, 2))).append(" ".repeat(axis + 1));
        } else if (text.length() - text.lastIndexOf("\n") + length > LINE_WIDTH) {
            text.append('\n').append(" ".repeat(axis + 1));
        } else {
            text.append(' ');
        }
    }

    private static String[] cells(double[] values, DoubleFunction<String> format) {
        String[] cells = new String[values.length];
        for (int i = 0; i < values.length; i++) {
            cells[i] = Double.isFinite(values[i]) ? format.apply(values[i]) : Double.toString(values[i]);
        }
        return cells;
    }

    private static DoubleFunction<String> format(double[] values) {
        double largest = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (double value : values) {
            double magnitude = Math.abs(value);
            if (magnitude > 0 && magnitude < Double.POSITIVE_INFINITY) {
                largest = Math.max(largest, magnitude);
                smallest = Math.min(smallest, magnitude);
            }
        }
        boolean whole = Arrays.stream(values).allMatch(value -> value == Math.rint(value) || !Double.isFinite(value));
        boolean exponents = largest >= LARGE || smallest < SMALL || (!whole && largest / smallest > WIDE);
        if (exponents) {
            int digits = digits(values, ArrayText::mantissa);
            return value -> scientific(value, digits);
        }
        int digits = digits(values, value -> value);
        return value -> fixed(value, digits);
    }

    /** Returns how many digits after the point the numbers need, 1 to 4. */
    private static int digits(double[] values, DoubleUnaryOperator part) {
        int most = 1;
        for (double value : values) {
            if (Double.isFinite(value)) {
                BigDecimal rounded = new BigDecimal(part.applyAsDouble(value)).setScale(DIGITS, RoundingMode.HALF_EVEN);
                most = Math.max(most, rounded.stripTrailingZeros().scale());
            }
        }
        return most;
    }

    private static double mantissa(double value) {
        return value == 0
                ? value // −0 stays so
                : new BigDecimal(value).scaleByPowerOfTen(-exponent(value)).doubleValue();
    }

    /** Returns the power of ten of the first digit. */
    private static int exponent(double value) {
        BigDecimal exact = new BigDecimal(value);
        return exact.precision() - exact.scale() - 1;
    }

    private static String fixed(double value, int digits) {
        String text =
                new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        boolean lostSign = text.charAt(0) != '-' && Double.doubleToRawLongBits(value) < 0;
        return lostSign ? "-" + text : text;
    }

    private static String scientific(double value, int digits) {
        int exponent = value == 0 ? 0 : exponent(value);
        String text = fixed(mantissa(value), digits);
        if (text.startsWith("10.") || text.startsWith("-10.")) { // rounded up to the next power
            exponent++;
            text = fixed(mantissa(value) / 10, digits);
        }
        return text + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
