package org.alborz.cli;

import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the numbers of options: plain decimal ones in ASCII, with an exponent where they may have a fraction. */
final class Numbers {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Pattern DECIMAL = Pattern.compile("-?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]{1,9})?");

    private Numbers() {}

    /** Makes a parser, with its commands, take no other numbers. */
    static void registerWith(CommandLine parser) {
        Converter<Integer> toInt = new Converter<>(text -> integer(text, "an int", Integer::valueOf));
        Converter<Long> toLong = new Converter<>(text -> integer(text, "a long", Long::valueOf));
        Converter<Double> toDouble = new Converter<>(Numbers::decimal);
        parser.registerConverter(int.class, toInt);
        parser.registerConverter(Integer.class, toInt);
        parser.registerConverter(long.class, toLong);
        parser.registerConverter(Long.class, toLong);
        parser.registerConverter(double.class, toDouble);
        parser.registerConverter(Double.class, toDouble);
    }

    /**
     * A converter that is no lambda itself: Java 17 crashes when it archives classes (see the launcher) with a lambda of an interface as old
     * as picocli's class files are.
     */
    private record Converter<T>(Function<String, T> parse) implements ITypeConverter<T> {
        @Override
        public T convert(String text) {
            return parse.apply(text);
        }
    }

    private static <T> T integer(String text, String type, Function<String, T> parse) {
        try {
            if (INTEGER.matcher(text).matches()) {
                return parse.apply(text);
            }
        } catch (NumberFormatException e) {
            throw refused(text, type);
        }
        throw refused(text, type);
    }

    private static double decimal(String text) {
        if (text.equals("NaN") || text.matches("-?Infinity")) { // which the option itself refuses, with its range
            return Double.parseDouble(text);
        }
        if (!DECIMAL.matcher(text).matches()) {
            throw refused(text, "a double, such as 0.01 or 1e-2");
        }
        double value = Double.parseDouble(text);
        boolean nothing = text.split("[eE]", 2)[0].chars().noneMatch(c -> c >= '1' && c <= '9');
        if (value == 0 && !nothing) {
            throw refused(text, "a number above 0 or 0: it is too small for a double");
        }
        return value;
    }

    private static TypeConversionException refused(String text, String type) {
        return new TypeConversionException("'" + text + "' is not " + type);
    }
}
