package org.alborz.data;

import java.util.List;
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
}
