package org.alborz.data;

import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/** The checks that image transforms share, and how images of several kinds are stored. */
final class ImageShapes {
    private ImageShapes() {}

    /** Returns a copy of the names of the fields that a transform changes alike. */
    static List<String> requireNames(String what, List<String> fields) {
        for (String field : Given.value(fields, what, "names of fields")) {
            Given.value(field, what, "names of fields");
        }
        return List.copyOf(fields);
    }

    /** Returns the index of one of a transform's fields: field 0 where it names none. */
    static int field(Sample sample, List<String> names, int i) {
        return names.isEmpty() ? 0 : sample.field(names.get(i));
    }

    /** Returns the height; refuses fields that are neither images [C, H, W] stored channels-last nor planes [H, W]. */
    static int height(String what, Field field) {
        Shape shape = field.shape();
        if (field.isVariable() || !field.channelsLast() && shape.rank() != 2) {
            throw new IllegalArgumentException(
                    what + " expects images [C, H, W] stored channels-last, or planes [H, W], got the field " + field);
        }
        return shape.size(-2);
    }

    /** Returns the number of values that one pixel has. */
    static int channels(Field field) {
        return field.channelsLast() ? field.shape().size(0) : 1;
    }

    static void requireProbability(String what, double probability) {
        requireUpTo(what, "a probability", probability, "1", 1);
    }

    /** Refuses what is not from 0 to a number. */
    static void requireUpTo(String what, String of, double value, String shown, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException(what + " expects " + of + " from 0 to " + shown + ", got " + value);
        }
    }

    static void requireAreas(String what, double min, double max) {
        if (!(min > 0 && min <= max && max <= 1)) {
            throw new IllegalArgumentException(what
                    + " expects shares of the area above 0 and up to 1, the smaller first, got " + min + " and " + max);
        }
    }

    static void requireRatios(String what, double min, double max) {
        if (!(min > 0 && min <= max && max < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what
                    + " expects finite ratios of the sides above 0, the smaller first, got " + min + " and " + max);
        }
    }

    /** Draws a ratio whose logarithm is uniform. */
    static double drawRatio(double min, double max, RandomStream random) {
        double low = StrictMath.log(min);
        return StrictMath.exp(low + (StrictMath.log(max) - low) * random.uniform());
    }
}
