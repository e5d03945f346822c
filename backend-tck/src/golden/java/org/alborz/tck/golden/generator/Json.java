package org.alborz.tck.golden.generator;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Renders values as JSON, the same on every Java version ({@code Double.toString} is not). */
final class Json {
    /** Any decimal of this many digits survives being read as float64. */
    private static final int FEWEST_DIGITS = 15;

    /** So many digits are enough for every float64 to be read back exactly. */
    private static final int MOST_DIGITS = 17;

    private Json() {}

    static String of(Object value) {
        if (value instanceof String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof Integer || value instanceof Boolean) {
            return value.toString();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Json::of).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream().map(Json::entry).collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof long[] numbers) {
            return Arrays.stream(numbers).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Values values) {
            return "{\"shape\": " + of(values.shape()) + ", \"values\": " + elements(values) + "}";
        }
        throw new IllegalArgumentException("JSON has no form for " + value.getClass().getName());
    }

    /** Renders a map's entries, a line each. */
    static String lines(String indent, Map<String, ?> map) {
        return map.entrySet().stream().map(e -> indent + entry(e)).collect(Collectors.joining(",\n"));
    }

    private static String entry(Map.Entry<?, ?> entry) {
        return of(entry.getKey().toString()) + ": " + of(entry.getValue());
    }

    private static String elements(Values values) {
        return Arrays.stream(values.elements()).mapToObj(Json::number).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Writes the fewest digits that are read back as exactly this number. */
    private static String number(double value) {
        BigDecimal exact = new BigDecimal(value);
        BigDecimal decimal = rounded(exact, FEWEST_DIGITS);
        for (int digits = FEWEST_DIGITS + 1; digits <= MOST_DIGITS && decimal.doubleValue() != value; digits++) {
            decimal = rounded(exact, digits);
        }
        return decimal.scale() < 0 ? decimal.setScale(0).toString() : decimal.toString();
    }

    private static BigDecimal rounded(BigDecimal exact, int digits) {
        return exact.round(new MathContext(digits, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    }
}
