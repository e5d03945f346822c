package org.alborz.data;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The values of one field for all samples of an {@link ArrayDataset}.
 *
 * @param values one flat array of the field's type, in the field's order in memory
 * @param ends where each sample's values end; null where all have as many
 */
record SampleArray(Field field, Object values, int count, int[] ends) {
    private static final int MOST_AXES = 4;

    /** Values that are turned into bytes at a time. */
    private static final int PART = 1 << 13;

    /** Copies an array of arrays; refuses ragged ones. */
    static SampleArray nested(String name, Object nested) {
        DType type = requireNumbers(name, nested, 1);
        int[] sizes = sizes(nested);
        Shape shape = Shape.of(Arrays.copyOfRange(sizes, 1, sizes.length));
        if (sizes[0] == 0) {
            throw new IllegalArgumentException("Field '" + name + "' expects an array of at least 1 sample, got none");
        }
        Field field = new Field(name, type, shape, shape.rank() == 3, Field.NONE, null);
        Object values = HostArrays.allocate(type, requireCount(field, (long) sizes[0] * field.elements()));
        Layout layout = field.layout(shape.insert(0, sizes[0]));
        new Copy(name, sizes, layout, values).copy(nested, 0, 0);
        return new SampleArray(field, values, sizes[0], null);
    }

    /** Copies an array whose second index may have another size for each sample. */
    static SampleArray variable(String name, Object nested) {
        DType type = requireNumbers(name, nested, 2);
        int count = Array.getLength(nested);
        int longest = 0;
        int width = -1;
        long total = 0;
        for (int i = 0; i < count; i++) {
            Object sample = requireRow(name, Array.get(nested, i), i);
            int length = Array.getLength(sample);
            for (int j = 0; sample instanceof Object[] rows && j < length; j++) {
                int columns = Array.getLength(requireRow(name, rows[j], i));
                if (width >= 0 && columns != width) {
                    throw ragged(name, "place " + j + " of sample " + i, columns, width);
                }
                width = columns;
            }
            longest = Math.max(longest, length);
            total += length;
        }
        boolean rows = nested instanceof Object[][];
        int step = rows ? Math.max(1, width) : 1;
        Shape shape = rows ? Shape.of(Math.max(1, longest), step) : Shape.of(Math.max(1, longest));
        Field field = new Field(name, type, shape).variable(0);
        Object values = HostArrays.allocate(type, requireCount(field, total * step));
        int[] ends = new int[count];
        int at = 0;
        for (int i = 0; i < count; i++) {
            Object sample = Array.get(nested, i);
            int length = Array.getLength(sample);
            for (int j = 0; sample instanceof Object[] all && j < length; j++) {
                System.arraycopy(all[j], 0, values, at + j * step, step);
            }
            if (!(sample instanceof Object[])) {
                System.arraycopy(sample, 0, values, at, length);
            }
            at += length * step;
            ends[i] = at;
        }
        return new SampleArray(field, values, count, ends);
    }

    /** Copies an array that holds a sample after another. */
    static SampleArray flat(Field field, Object values) {
        Given.value(field, "ArrayDataset", "a field");
        DType type = requireNumbers(field.name(), values, 1);
        int length = Array.getLength(values);
        if (type != field.type()
                || values instanceof Object[]
                || field.isVariable()
                || length == 0
                || length % field.elements() != 0) {
            throw new IllegalArgumentException(
                    "The field " + field + " expects one array of its type with " + field.elements()
                            + " values a sample, got " + values.getClass().getSimpleName() + " of " + length);
        }
        Object copy = HostArrays.allocate(type, length);
        System.arraycopy(values, 0, copy, 0, length);
        return new SampleArray(field, copy, length / field.elements(), null);
    }

    private static DType requireNumbers(String name, Object values, int leastAxes) {
        Class<?> component = Given.value(values, "ArrayDataset", "an array for the field " + Quoted.text(name))
                .getClass();
        int axes = 0;
        while (component.isArray()) {
            component = component.getComponentType();
            axes++;
        }
        DType type = HostArrays.typeOf(component);
        if (axes < leastAxes || axes > MOST_AXES || type == null) {
            throw new IllegalArgumentException(
                    "ArrayDataset expects an array of float, double, int, long, byte or boolean with "
                            + leastAxes + " to " + MOST_AXES + " indices for the field " + Quoted.text(name) + ", got "
                            + values.getClass().getSimpleName()
                            + (component == String.class
                                    ? "; ArrayDataset.of(x, labels) numbers words, or number them and name them with classes(names)"
                                    : ""));
        }
        return type;
    }

    private static int requireCount(Field field, long values) {
        if (values > HostArrays.LONGEST) {
            throw new IllegalArgumentException("The field " + field + " of all samples has " + values
                    + " values, and an array holds " + HostArrays.LONGEST
                    + "; implement Dataset, or concatenate several with Dataset.concat");
        }
        return (int) values;
    }

    /** Returns the size along each index, as the first arrays have it. */
    private static int[] sizes(Object nested) {
        int[] sizes = new int[MOST_AXES];
        int axes = 0;
        for (Object at = nested; at != null && at.getClass().isArray(); ) {
            sizes[axes++] = Array.getLength(at);
            at = at instanceof Object[] all && all.length > 0 ? all[0] : null;
        }
        return Arrays.copyOf(sizes, axes);
    }

    private static Object requireRow(String name, Object row, int sample) {
        if (row == null) {
            throw new IllegalArgumentException(
                    "Field '" + name + "' expects an array in sample " + sample + ", got null");
        }
        return row;
    }

    private static IllegalArgumentException ragged(String name, String where, int got, int expected) {
        return new IllegalArgumentException(
                "Field '" + name + "' expects " + expected + " values in " + where + " as in the first, got " + got
                        + "; fill them up, or add sequences of different lengths with builder().variable(name, values)");
    }

    /** Copies nested arrays into a flat one. */
    private record Copy(String name, int[] sizes, Layout layout, Object into) {
        void copy(Object from, int axis, int at) {
            int length = Array.getLength(from);
            if (length != sizes[axis]) {
                throw ragged(name, "index " + axis, length, sizes[axis]);
            }
            int stride = (int) layout.stride(axis);
            if (from instanceof Object[] rows) {
                for (int i = 0; i < length; i++) {
                    copy(requireRow(name, rows[i], axis == 0 ? i : -1), axis + 1, at + i * stride);
                }
            } else if (stride == 1) {
                System.arraycopy(from, 0, into, at, length);
            } else {
                for (int i = 0; i < length; i++) {
                    System.arraycopy(from, i, into, at + i * stride, 1);
                }
            }
        }
    }

    void read(int index, Sample into, int i) {
        int elements = field.elements();
        if (ends == null) {
            into.put(i, values, index * elements);
            return;
        }
        int from = index == 0 ? 0 : ends[index - 1];
        into.length(i, (ends[index] - from) / (elements / field.variableSize()));
        into.put(i, values, from);
    }

    /** Returns a checksum of all values. */
    static String digest(List<SampleArray> arrays) {
        CRC32C sum = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(PART * Long.BYTES);
        for (SampleArray array : arrays) {
            int length = Array.getLength(array.values);
            for (int at = 0; at < length; at += PART) {
                HostArrays.toBytes(array.values, at, Math.min(PART, length - at), bytes.clear());
                sum.update(bytes.flip());
            }
            for (int i = 0; array.ends != null && i < array.ends.length; i++) {
                sum.update(bytes.clear().putInt(array.ends[i]).flip());
            }
        }
        return Long.toHexString(sum.getValue());
    }
}
