package org.alborz.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.alborz.type.DType;

/** The Java arrays that hold a field's values: the one place that knows which array belongs to which type. */
final class HostArrays {
    static final int LONGEST = Integer.MAX_VALUE - 8;

    private HostArrays() {}

    /** Refuses types that samples cannot have. */
    static void require(String field, DType type) {
        if (type.isFloating() && type != DType.FLOAT32 && type != DType.FLOAT64) {
            throw new IllegalArgumentException(
                    "Field '" + field + "' expects float32, float64, or a type of integers or truth values, got " + type
                            + "; give float32, which becomes the session's type on the device");
        }
    }

    static Object allocate(DType type, int length) {
        return switch (type) {
            case FLOAT32 -> new float[length];
            case FLOAT64 -> new double[length];
            case INT32 -> new int[length];
            case INT64 -> new long[length];
            case UINT8 -> new byte[length];
            case BOOL -> new boolean[length];
            case FLOAT16, BFLOAT16 -> throw new IllegalArgumentException("No field has the type " + type);
        };
    }

    /** Returns the type of an array's values: bytes are unsigned; null where no field has such values. */
    static DType typeOf(Class<?> component) {
        if (component == float.class) {
            return DType.FLOAT32;
        } else if (component == double.class) {
            return DType.FLOAT64;
        } else if (component == int.class) {
            return DType.INT32;
        } else if (component == long.class) {
            return DType.INT64;
        } else if (component == byte.class) {
            return DType.UINT8;
        }
        return component == boolean.class ? DType.BOOL : null;
    }

    /** Writes what shows that a value was never written: NaN, and 0 or false where the type has none. */
    static void clear(Object array, int from, int to) {
        fill(array, from, to, array instanceof float[] || array instanceof double[] ? Double.NaN : 0);
    }

    /** Writes a number, converted to the array's type as {@link DType} says, to several places. */
    static void fill(Object array, int from, int to, double value) {
        if (array instanceof float[] values) {
            Arrays.fill(values, from, to, (float) value);
        } else if (array instanceof double[] values) {
            Arrays.fill(values, from, to, value);
        } else if (array instanceof int[] values) {
            Arrays.fill(values, from, to, (int) value);
        } else if (array instanceof long[] values) {
            Arrays.fill(values, from, to, (long) value);
        } else if (array instanceof byte[] values) {
            Arrays.fill(values, from, to, (byte) Math.max(0, Math.min(255, (int) value)));
        } else if (array instanceof boolean[] values) {
            Arrays.fill(values, from, to, value != 0);
        }
    }

    /** Tells whether a type has a number; of a floating one, every number is near enough. */
    static boolean has(DType type, double value) {
        Object one = allocate(type, 1);
        fill(one, 0, 1, value);
        return type.isFloating() || get(one, 0) == value;
    }

    /** Exchanges two values. */
    static void swap(Object array, int i, int j) {
        if (array instanceof byte[] values) {
            byte value = values[i];
            values[i] = values[j];
            values[j] = value;
        } else if (array instanceof float[] values) {
            float value = values[i];
            values[i] = values[j];
            values[j] = value;
        } else if (array instanceof double[] values) {
            double value = values[i];
            values[i] = values[j];
            values[j] = value;
        } else if (array instanceof int[] values) {
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        } else if (array instanceof long[] values) {
            long value = values[i];
            values[i] = values[j];
            values[j] = value;
        } else if (array instanceof boolean[] values) {
            boolean value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    /** Returns a value as a number; of a byte from 0 to 255, and 1 or 0 of a truth value. */
    static double get(Object array, int at) {
        if (array instanceof float[] values) {
            return values[at];
        } else if (array instanceof double[] values) {
            return values[at];
        } else if (array instanceof int[] values) {
            return values[at];
        } else if (array instanceof long[] values) {
            return values[at];
        } else if (array instanceof byte[] values) {
            return values[at] & 0xFF;
        }
        return ((boolean[]) array)[at] ? 1 : 0;
    }

    /** Appends values, big-endian. */
    static void toBytes(Object array, int from, int count, ByteBuffer into) {
        if (array instanceof byte[] values) {
            into.put(values, from, count);
            return;
        }
        for (int i = from; i < from + count; i++) {
            if (array instanceof float[] values) {
                into.putFloat(values[i]);
            } else if (array instanceof double[] values) {
                into.putDouble(values[i]);
            } else if (array instanceof int[] values) {
                into.putInt(values[i]);
            } else if (array instanceof long[] values) {
                into.putLong(values[i]);
            } else if (array instanceof boolean[] values) {
                into.put((byte) (values[i] ? 1 : 0));
            }
        }
    }
}
