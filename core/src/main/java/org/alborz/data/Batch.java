package org.alborz.data;

import java.lang.reflect.Array;
import java.util.List;
import org.alborz.text.Given;
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

    /** Which fields a collation gave another shape than that of their samples. */
    private final boolean[] reshaped;

    /** The length of each sample along each field's variable axis; null for other fields. */
    private final int[][] lengths;

    /** What is image of each normalised field; null for other fields. */
    private final Border[] borders;

    /** Which samples of the dataset these are. */
    private final int[] samples;

    private int size;
    private int epoch;
    private int index;

    Batch(List<Field> fields, int capacity) {
        this.fields = fields;
        this.arrays = new Object[fields.size()];
        this.shapes = new Shape[fields.size()];
        this.reshaped = new boolean[fields.size()];
        this.lengths = new int[fields.size()][];
        this.borders = new Border[fields.size()];
        this.samples = new int[capacity];
        for (int i = 0; i < arrays.length; i++) {
            allocate(i, capacity);
        }
        this.size = capacity;
    }

    /** Makes a batch that shares the arrays of another one's fields, but for those that differ. */
    Batch(List<Field> fields, Batch other) {
        this.fields = fields;
        this.arrays = new Object[fields.size()];
        this.shapes = new Shape[fields.size()];
        this.reshaped = new boolean[fields.size()];
        this.lengths = new int[fields.size()][];
        this.borders = new Border[fields.size()];
        this.samples = other.samples;
        this.size = other.size;
        for (int i = 0; i < arrays.length; i++) {
            boolean shared = i < other.arrays.length && !fields.get(i).isVariable();
            if (shared) {
                arrays[i] = other.arrays[i];
                shapes[i] = other.shapes[i];
                borders[i] = other.borders[i];
            } else {
                allocate(i, samples.length);
            }
        }
    }

    private void allocate(int i, int capacity) {
        Field field = fields.get(i);
        arrays[i] = HostArrays.allocate(field.type(), capacity * field.elements());
        shapes[i] = field.shape().insert(0, capacity);
        lengths[i] = field.isVariable() ? new int[capacity] : null;
        borders[i] = field.isNormalized() ? new Border(field, capacity) : null;
    }

    /** Begins a batch of the same samples as another. */
    void begin(Batch other) {
        begin(other.epoch, other.index, other.size);
        if (samples != other.samples) {
            System.arraycopy(other.samples, 0, samples, 0, size);
        }
        for (int i = 0; i < lengths.length; i++) {
            int same = other.fields.indexOf(fields.get(i));
            if (same >= 0 && lengths[i] != null) {
                System.arraycopy(other.lengths[same], 0, lengths[i], 0, size);
            }
            if (same >= 0 && borders[i] != null && borders[i] != other.borders[same]) {
                borders[i].copy(other.borders[same], size);
            }
        }
    }

    void begin(int epoch, int index, int size) {
        this.epoch = epoch;
        this.index = index;
        this.size = size;
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = reshaped[i] ? fields.get(i).shape().insert(0, size) : shapes[i].with(0, size);
            reshaped[i] = false;
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

    /**
     * Returns the shape of a field's values, {@code [N, …]} for N samples. A variable axis has the length that this batch is padded to.
     */
    public Shape shape(int field) {
        return shapes[field];
    }

    /**
     * Gives a field's values another shape, as a {@link Collation} does.
     *
     * @param shape of at most as many values as the field's array has
     */
    public void reshape(int field, Shape shape) {
        if (Given.value(shape, "reshape", "a shape").elements() > Array.getLength(arrays[field])) {
            throw new IllegalArgumentException("The field " + fields.get(field) + " of a batch holds at most "
                    + Array.getLength(arrays[field]) + " values, got shape " + shape
                    + "; declare it with a larger shape in Collation.fields");
        }
        shapes[field] = shape;
        reshaped[field] = true;
    }

    /** Sets how long all samples are along a field's variable axis. */
    void lengthen(int field, int length) {
        shapes[field] = shapes[field].with(fields.get(field).variableAxis() + 1, length);
    }

    /** Returns how long a sample is along a field's variable axis, without padding. */
    public int length(int field, int sample) {
        return lengths(field)[sample];
    }

    /** Returns how long each sample is along a field's variable axis, without padding. */
    int[] lengths(int field) {
        if (lengths[field] == null) {
            throw new IllegalArgumentException("The field " + fields.get(field) + " has no variable axis");
        }
        return lengths[field];
    }

    void length(int field, int sample, int length) {
        int[] of = lengths(field);
        int most = fields.get(field).variableSize();
        if (length < 0 || length > most) {
            throw new IllegalArgumentException("The field " + fields.get(field) + " expects samples of 0 to " + most
                    + " along its variable axis, got " + length + "; truncate them, or declare a larger shape");
        }
        of[sample] = length;
    }

    /** Forgets what was said of a sample beside its values. */
    void reset(int sample) {
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] != null) {
                lengths[i][sample] = fields.get(i).variableSize();
            }
            if (borders[i] != null) {
                borders[i].reset(sample);
            }
        }
    }

    /** Returns null where the field is not normalised. */
    Border border(int field) {
        return borders[field];
    }

    /**
     * Tells whether {@link RandomCrop} moved padding into images of a normalised field, which is 0 after normalisation whatever its
     * bytes are.
     */
    public boolean isCropped(int field) {
        return borders[field] != null && borders[field].isCropped(size);
    }

    /**
     * Returns which rows of a normalised field's images are their own, as 1, and not padding, as 0: {@code [N, H]}. The array is reused
     * by the next batch.
     */
    public byte[] imageRows(int field) {
        return requireNormalized(field).rows(size);
    }

    /**
     * Returns which columns of a normalised field's images are their own, as 1, and not padding, as 0, each for every channel:
     * {@code [N, W, C]}. The array is reused by the next batch.
     */
    public byte[] imageColumns(int field) {
        return requireNormalized(field).columns(size);
    }

    /**
     * Returns one image of a normalised field as numbers, bit for bit those that a float32 tensor on the device gets. The array is
     * reused by the next call.
     */
    public float[] normalized(int field, int sample) {
        return normalized(field, sample, 1);
    }

    /** Returns {@code count} images of a normalised field, one after another, as {@link #normalized(int, int)} does. */
    public float[] normalized(int field, int first, int count) {
        return requireNormalized(field).normalize(bytes(field), first, count);
    }

    private Border requireNormalized(int field) {
        if (borders[field] == null) {
            throw new IllegalArgumentException("The field " + fields.get(field) + " has no normalization");
        }
        return borders[field];
    }

    /** Returns where a sample's values of a field start in its array, before padding. */
    public int at(int field, int sample) {
        return sample * fields.get(field).elements();
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

    /** Returns the values of an int64 field, in the order of {@link #layout}. */
    public long[] longs(int field) {
        if (arrays[field] instanceof long[] values) {
            return values;
        }
        throw otherType(field, DType.INT64);
    }

    /** Returns the values of a uint8 field, in the order of {@link #layout}. */
    public byte[] bytes(int field) {
        if (arrays[field] instanceof byte[] values) {
            return values;
        }
        throw otherType(field, DType.UINT8);
    }

    /** Returns the values of a bool field, in the order of {@link #layout}. */
    public boolean[] booleans(int field) {
        if (arrays[field] instanceof boolean[] values) {
            return values;
        }
        throw otherType(field, DType.BOOL);
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
