package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alborz.tune.Dimension;

/** Reads what {@code --vary} gives: {@code NAME=LOW..HIGH}, {@code NAME=LOW..HIGH:log} or {@code NAME=A,B,C}. */
final class Variation {
    static final String HELP =
            "NAME=LOW..HIGH, whose values are equally likely; NAME=LOW..HIGH:log, whose logarithms are; or"
                    + " NAME=A,B,C, such as schedule=constant,step:every=10,factor=0.2,cosine. NAME is an option of train without its dashes, such as learning-rate, weight-decay, batch-size,"
                    + " optimizer, schedule, layers. May be given several times (default: learning-rate from a thirtieth to"
                    + " thirty times of what train takes)";

    private static final Pattern RANGE = Pattern.compile("(.+?)\\.\\.(.+?)(:log)?");
    private static final Pattern SETTING = Pattern.compile("[^:=]+=.*");
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,9}");

    private Variation() {}

    /** Returns the dimension; one of whole numbers where both ends are written so and the option takes them. */
    static Dimension parse(String text, boolean whole) {
        int equals = text.indexOf('=');
        String name = text.substring(0, Math.max(0, equals));
        String values = text.substring(equals + 1);
        try {
            Matcher range = RANGE.matcher(values);
            if (!range.matches()) {
                return new Dimension.Choice(name, choices(values));
            }
            boolean logarithmic = range.group(3) != null;
            if (whole) {
                return new Dimension.Integers(
                        name, wholeNumber(range.group(1)), wholeNumber(range.group(2)), logarithmic);
            }
            double low = Double.parseDouble(range.group(1));
            double high = Double.parseDouble(range.group(2));
            return logarithmic ? new Dimension.LogUniform(name, low, high) : new Dimension.Uniform(name, low, high);
        } catch (IllegalArgumentException e) {
            throw OptionChecks.refused(
                    "--vary",
                    "NAME=LOW..HIGH, NAME=LOW..HIGH:log or NAME=A,B,C",
                    "'" + text + "' (" + e.getMessage() + ")");
        }
    }

    /** Splits at commas, but for those before {@code KEY=VALUE}, which is a setting of the choice before, such as of a schedule. */
    private static List<String> choices(String values) {
        List<String> choices = new ArrayList<>();
        for (String part : values.split(",", -1)) {
            if (!choices.isEmpty() && SETTING.matcher(part).matches()) {
                choices.set(choices.size() - 1, choices.get(choices.size() - 1) + "," + part);
            } else {
                choices.add(part);
            }
        }
        return choices;
    }

    private static int wholeNumber(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no whole number");
        }
        return Integer.parseInt(text);
    }
}
