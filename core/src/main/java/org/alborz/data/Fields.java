package org.alborz.data;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.alborz.text.Given;
import org.alborz.type.DType;

/** Checks of the fields that samples consist of. */
final class Fields {
    private Fields() {}

    /** Returns a copy; refuses none at all, and names that are there twice. */
    static List<Field> require(String whose, List<Field> fields) {
        Set<String> names = new HashSet<>();
        for (Field field : Given.value(fields, whose, "fields")) {
            if (!names.add(Given.value(field, whose, "fields").name())) {
                throw new IllegalArgumentException(
                        whose + " expects a name for each field, got '" + field.name() + "' twice; rename one");
            }
        }
        if (fields.isEmpty()) {
            throw new IllegalArgumentException(whose + " expects at least 1 field, got none");
        }
        return List.copyOf(fields);
    }

    /** Returns how many bytes a sample of these fields takes at most. */
    static long bytes(List<Field> fields) {
        long bytes = 0;
        for (Field field : fields) {
            bytes += bytes(field);
        }
        return bytes;
    }

    /** Returns how many bytes a sample of this field takes at most. */
    static long bytes(Field field) {
        return (long) field.elements() * field.type().bytes();
    }

    /** Tells whether field 1 is the number of one class. */
    static boolean haveLabel(List<Field> fields) {
        return fields.size() > 1
                && fields.get(1).type() == DType.INT32
                && fields.get(1).shape().rank() == 0;
    }
}
