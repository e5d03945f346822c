package org.alborz.data;

import java.util.List;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The fields of some samples, each in an array with one sample after another. The arrays belong to the loader and are reused: they are
 * valid until the next batch is asked for.
 *
 * <p>The arrays hold a whole batch size; an epoch's last batch may be smaller, and then only {@link #size} samples of
 * them count.
 */
public final class Batch {
    private final List<Field> fields;
    private final Object[] arrays;
    private final Shape[] shapes;

    /** Which samples of the dataset these are. */
    private final int[] samples;

    private final Sample slot;
    private int size;
    private int epoch;
    private int index;

    Batch(List<Field> fields, int capacity) {
        this.fields = fields;
        this.arrays = new Object[fields.size()];
        this.shapes = new Shape[fields.size()];
        this.samples = new int[capacity];
        for (int i = 0; i < arrays.length; i++) {
            Field field = fields.get(i);
            arrays[i] = HostArrays.allocate(field.type(), capacity * field.elements());
            shapes[i] = field.shape().insert(0, capacity);
        }
        this.slot = new Sample(this);
        this.size = capacity;
    }

    /** Returns the place of one sample, to be written; the same object each time. */
    Sample slot(int place) {
        slot.moveTo(place);
        return slot;
    }

    void begin(int epoch, int index, int size) {
        this.epoch = epoch;
        this.index = index;
        this.size = size;
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = shapes[i].with(0, size);
        }
    }

    /** Returns the fields of each sample. */
    public List<Field> fields() {
        return fields;
    }

    /**
     * Returns the index of the field with the given name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public int field(String name) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("A batch has the fields "
                + fields.stream().map(Field::name).toList() + ", and not " + Quoted.text(name));
    }

    /** Returns the shape of a field's values, {@code [N, …]} for N samples. */
    public Shape shape(int field) {
        return shapes[field];
    }

    /** Returns how a field's values are stored. */
    public Layout layout(int field) {
        return fields.get(field).layout(shapes[field]);
    }

    /** Returns the values of a float32 field, in the order of {@link #layout}. */
    public float[] floats(int field) {
        if (arrays[field] instanceof float[] values) {
            return values;
        }
        throw otherType(field, DType.FLOAT32);
    }

    /** Returns the values of a float64 field, in the order of {@link #layout}. */
    public double[] doubles(int field) {
        if (arrays[field] instanceof double[] values) {
            return values;
        }
        throw otherType(field, DType.FLOAT64);
    }

    /** Returns the values of an int32 field, in the order of {@link #layout}. */
    public int[] ints(int field) {
        if (arrays[field] instanceof int[] values) {
            return values;
        }
        throw otherType(field, DType.INT32);
    }

    private IllegalArgumentException otherType(int field, DType asked) {
        return new IllegalArgumentException(
                "A field of type " + asked + " was asked for, and field " + field + " is " + fields.get(field));
    }

    Object array(int field) {
        return arrays[field];
    }

    /** Returns the index in the dataset of each sample. */
    public int[] samples() {
        return samples;
    }

    /** Returns how many samples this batch has. */
    public int size() {
        return size;
    }

    /** Returns the epoch, counted from 0. */
    public int epoch() {
        return epoch;
    }

    /** Returns the batch's place in the epoch, counted from 0. */
    public int index() {
        return index;
    }
}
