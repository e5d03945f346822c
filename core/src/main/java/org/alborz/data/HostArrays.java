package org.alborz.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.alborz.type.DType;

/** The Java arrays that hold a field's values: the one place that knows which array belongs to which type. */
final class HostArrays {
    private HostArrays() {}

    /** Refuses types that samples cannot have. */
    static void require(String field, DType type) {
        switch (type) {
            case FLOAT32, FLOAT64, INT32 -> {}
            default ->
                throw new IllegalArgumentException(
                        "Field '" + field + "' expects the type float32, float64 or int32, got " + type
                                + "; give float32, which becomes the session's type on the device");
        }
    }

    static Object allocate(DType type, int length) {
        return switch (type) {
            case FLOAT32 -> new float[length];
            case FLOAT64 -> new double[length];
            case INT32 -> new int[length];
            default -> throw new IllegalArgumentException("No field has the type " + type);
        };
    }

    /** Writes what shows that a value was never written: NaN, and 0 where the type has none. */
    static void clear(Object array, int from, int to) {
        if (array instanceof float[] floats) {
            Arrays.fill(floats, from, to, Float.NaN);
        } else if (array instanceof double[] doubles) {
            Arrays.fill(doubles, from, to, Double.NaN);
        } else if (array instanceof int[] ints) {
            Arrays.fill(ints, from, to, 0);
        }
    }

    /** Appends values, big-endian. */
    static void toBytes(Object array, int from, int count, ByteBuffer into) {
        for (int i = from; i < from + count; i++) {
            if (array instanceof float[] floats) {
                into.putFloat(floats[i]);
            } else if (array instanceof double[] doubles) {
                into.putDouble(doubles[i]);
            } else if (array instanceof int[] ints) {
                into.putInt(ints[i]);
            }
        }
    }

    /** Writes a number, rounded to the array's type. */
    static void set(Object array, int at, double value) {
        if (array instanceof float[] floats) {
            floats[at] = (float) value;
        } else if (array instanceof double[] doubles) {
            doubles[at] = value;
        } else if (array instanceof int[] ints) {
            ints[at] = (int) value;
        }
    }
}
