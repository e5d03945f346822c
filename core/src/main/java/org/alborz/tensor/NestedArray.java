package org.alborz.tensor;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import org.alborz.type.Shape;

/** Java arrays of arrays, such as {@code float[][]}, and the flat arrays of their elements in row-major order. */
final class NestedArray {
    private final Shape shape;
    private final Object flat;
    private int next;

    private NestedArray(Shape shape, Object flat) {
        this.shape = shape;
        this.flat = flat;
    }

    /**
     * Returns the shape of an array whose rows have one length.
     *
     * @throws IllegalArgumentException where they do not, a row is null, or there is none
     */
    static Shape shape(Object array) {
        List<Integer> sizes = new ArrayList<>();
        Object first = array;
        for (Class<?> type = array.getClass(); type.isArray(); type = type.getComponentType()) {
            int size = first == null ? 0 : Array.getLength(first);
            boolean hasRows = type.getComponentType().isArray();
            if (hasRows && size == 0) {
                throw new IllegalArgumentException(
                        "An array of arrays expects at least one row, got none, so that its shape is not known;"
                                + " make an empty tensor with zeros(shape)");
            }
            sizes.add(size);
            first = hasRows ? Array.get(first, 0) : null;
        }
        Shape shape = Shape.of(sizes.stream().mapToInt(Integer::intValue).toArray());
        requireRows(array, shape, 0, "");
        return shape;
    }

    private static void requireRows(Object array, Shape shape, int axis, String place) {
        if (array == null || Array.getLength(array) != shape.size(axis)) {
            throw new IllegalArgumentException("An array " + shape + " expects rows of one length, " + shape.size(axis)
                    + " elements at [" + place + "], got "
                    + (array == null ? "null" : String.valueOf(Array.getLength(array))));
        }
        if (axis + 1 < shape.rank()) {
            for (int i = 0; i < shape.size(axis); i++) {
                requireRows(Array.get(array, i), shape, axis + 1, place.isEmpty() ? "" + i : place + ", " + i);
            }
        }
    }

    /**
     * Copies the elements into a flat array.
     *
     * @param flat an array of the nested one's element type, as long as it has elements
     */
    static <T> T flatten(Object array, Shape shape, T flat) {
        new NestedArray(shape, flat).read(array, 0);
        return flat;
    }

    private void read(Object array, int axis) {
        int size = shape.size(axis);
        if (axis == shape.rank() - 1) {
            System.arraycopy(array, 0, flat, next, size);
            next += size;
            return;
        }
        for (int i = 0; i < size; i++) {
            read(Array.get(array, i), axis + 1);
        }
    }

    /** Returns the elements of a flat array in arrays of arrays of the shape, which has at least one axis. */
    static Object nest(Object flat, Shape shape) {
        return new NestedArray(shape, flat).write(0);
    }

    private Object write(int axis) {
        int size = shape.size(axis);
        int left = shape.rank() - axis;
        Object array = Array.newInstance(arrayType(flat.getClass().getComponentType(), left - 1), size);
        if (left == 1) {
            System.arraycopy(flat, next, array, 0, size);
            next += size;
            return array;
        }
        for (int i = 0; i < size; i++) {
            Array.set(array, i, write(axis + 1));
        }
        return array;
    }

    /** Returns the type of arrays of so many axes. */
    static Class<?> arrayType(Class<?> element, int rank) {
        Class<?> type = element;
        for (int i = 0; i < rank; i++) {
            type = type.arrayType();
        }
        return type;
    }
}
