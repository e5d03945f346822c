package org.alborz.data;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import org.alborz.text.Given;

/**
 * The memory that one sample is read into, field by field; writing and reading it allocates nothing.
 *
 * <p>A field is written with {@code set} and {@code put}, or directly: the values of field {@code f} start at {@link #at at(f)} in the
 * array of its type, such as {@link #floats floats(f)}, in the field's order in memory. Of a field with a variable axis,
 * {@link #length(int, int)} says how long the sample is along it; it is as long as the field's shape says until then.
 *
 * <p>Used by one thread.
 */
public final class Sample {
    private final Batch batch;
    private final boolean[] written;
    private int slot;

    /** Which sample of its dataset was read last; 0 before. */
    private int index;

    /** Memory for transforms; null until it is needed. */
    private Object copy;

    private float[] work;

    Sample(Batch batch) {
        this.batch = batch;
        this.written = new boolean[batch.fields().size()];
    }

    /** Makes memory for one sample with the given fields, to read it without a loader. */
    public static Sample of(List<Field> fields) {
        return new Sample(new Batch(Fields.require("Sample", fields), 1));
    }

    /**
     * Reads a sample of a dataset into memory of its own.
     *
     * @throws DataException when it cannot be read
     */
    public static Sample of(Dataset dataset, int index) {
        Sample sample = of(Given.value(dataset, "Sample", "a dataset").fields());
        sample.read(dataset, index);
        return sample;
    }

    /** Goes to the place in the batch that is written next. */
    void moveTo(int place) {
        slot = place;
    }

    /**
     * Reads a sample in the place of the one before.
     *
     * @param dataset has the fields of this memory
     * @throws DataException when it cannot be read, or a field is not written; it names the sample
     */
    public void read(Dataset dataset, int index) {
        begin();
        this.index = index;
        try {
            dataset.read(index, this);
        } catch (RuntimeException e) {
            throw unreadable(index, e);
        }
        for (int i = 0; i < written.length; i++) {
            if (!written[i]) {
                throw new DataException("Sample " + index + " of " + dataset.description()
                        + " was read without its field '" + fields().get(i).name()
                        + "'; write each of fields() in read()");
            }
        }
    }

    /** Forgets what was written. */
    void begin() {
        Arrays.fill(written, false);
        batch.reset(slot);
    }

    /** Returns what says that a sample could not be read or transformed. */
    DataException unreadable(int index, RuntimeException cause) {
        if (cause instanceof DataException known) {
            return known;
        }
        if (cause instanceof IndexOutOfBoundsException) {
            return new DataException(
                    "Sample " + index + " could not be read (" + cause.getMessage()
                            + "); its fields have the values of " + fields() + ", each from its at() on",
                    cause);
        }
        return new DataException("Sample " + index + " could not be read: " + cause, cause);
    }

    /** Returns which sample of its dataset was read last. */
    int index() {
        return index;
    }

    /** Returns the epoch of the loader that this is read for, from 0; 0 without a loader. */
    int epoch() {
        return batch.epoch();
    }

    /** Returns the fields. */
    public List<Field> fields() {
        return batch.fields();
    }

    /** Returns the index of the field with the given name. */
    public int field(String name) {
        return batch.field(name);
    }

    /** Returns where the first value of a field is in its array. */
    public int at(int field) {
        return batch.at(field, slot);
    }

    /** Returns how many values a field of this sample has. */
    public int elements(int field) {
        Field of = fields().get(field);
        return of.isVariable() ? of.elements() / of.variableSize() * length(field) : of.elements();
    }

    /** Returns how long this sample is along a field's variable axis. */
    public int length(int field) {
        return batch.length(field, slot);
    }

    /** Says how long this sample is along a field's variable axis, before its values are written; from 0 to the axis's size. */
    public void length(int field, int length) {
        batch.length(field, slot, length);
    }

    /** Returns the array that holds the values of a float32 field from {@link #at} on; it holds other samples' too. */
    public float[] floats(int field) {
        float[] values = batch.floats(field);
        touch(field, values);
        return values;
    }

    /** Returns the array of a float64 field, as {@link #floats} does. */
    public double[] doubles(int field) {
        double[] values = batch.doubles(field);
        touch(field, values);
        return values;
    }

    /** Returns the array of an int32 field, as {@link #floats} does. */
    public int[] ints(int field) {
        int[] values = batch.ints(field);
        touch(field, values);
        return values;
    }

    /** Returns the array of an int64 field, as {@link #floats} does. */
    public long[] longs(int field) {
        long[] values = batch.longs(field);
        touch(field, values);
        return values;
    }

    /** Returns the array of a uint8 field, as {@link #floats} does. */
    public byte[] bytes(int field) {
        byte[] values = batch.bytes(field);
        touch(field, values);
        return values;
    }

    /** Returns the array of a bool field, as {@link #floats} does. */
    public boolean[] booleans(int field) {
        boolean[] values = batch.booleans(field);
        touch(field, values);
        return values;
    }

    /** Returns a value of a field of any type as a number: of a byte from 0 to 255, and 1 or 0 of a truth value. */
    public double get(int field, int place) {
        if (place < 0 || place >= elements(field)) {
            throw new IndexOutOfBoundsException("A value from 0 to " + (elements(field) - 1) + " is expected, got "
                    + place + "; of the field " + fields().get(field));
        }
        return HostArrays.get(batch.array(field), at(field) + place);
    }

    /**
     * Returns the values of a normalised field as numbers, as a model gets them. The array is reused by the next call.
     *
     * @throws IllegalArgumentException when the field is not normalised
     */
    public float[] normalized(int field) {
        return batch.normalized(field, slot);
    }

    /** Says of a normalised field that the pixel at (h, w) became that at (h + down, w + right). */
    void shifted(int field, int down, int right) {
        if (batch.border(field) != null) {
            batch.border(field).shift(slot, down, right);
        }
    }

    /** Says of a normalised field that its image was mirrored left to right. */
    void flipped(int field) {
        if (batch.border(field) != null) {
            batch.border(field).flip(slot);
        }
    }

    /**
     * Makes what cropping moved into a normalised image part of it, in the byte that is nearest to the mean, before pixels move in
     * ways other than {@link #shifted} and {@link #flipped}, or colours change.
     */
    void settle(int field) {
        if (batch.border(field) != null) {
            batch.border(field).settle(slot, bytes(field), at(field));
        }
    }

    /** Records that the image of a normalised field was mirrored top to bottom. */
    void flippedVertically(int field) {
        if (batch.border(field) != null) {
            batch.border(field).flipVertically(slot);
        }
    }

    /** Returns a copy of a field's values in an array of its type, from 0 on, which the next call with a field of this type reuses. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the field's type
    Object copy(int field) {
        int elements = fields().get(field).elements();
        Object values = batch.array(field);
        if (copy == null || copy.getClass() != values.getClass() || Array.getLength(copy) < elements) {
            copy = HostArrays.allocate(fields().get(field).type(), elements);
        }
        System.arraycopy(values, at(field), copy, 0, elements);
        return copy;
    }

    /** Returns memory for numbers, which the next call reuses. */
    float[] work(int elements) {
        if (work == null || work.length < elements) {
            work = new float[elements];
        }
        return work;
    }

    Object array(int field) {
        return batch.array(field);
    }

    /** Clears a field before it is first written to, so that values left out are not those of another sample. */
    private void touch(int field, Object values) {
        if (!written[field]) {
            int at = at(field);
            HostArrays.clear(values, at, at + fields().get(field).elements());
            written[field] = true;
        }
    }

    /** Writes a field of one value, such as a label or a target; a number is converted to the field's type. */
    public void set(int field, double value) {
        requireOne(field);
        HostArrays.fill(batch.array(field), slot, slot + 1, value);
        written[field] = true;
    }

    /** Writes an int64 field of one value. */
    public void set(int field, long value) {
        requireOne(field);
        if (batch.array(field) instanceof long[] longs) {
            longs[slot] = value;
        } else {
            HostArrays.fill(batch.array(field), slot, slot + 1, value);
        }
        written[field] = true;
    }

    private void requireOne(int field) {
        if (fields().get(field).elements() != 1 || fields().get(field).isVariable()) {
            throw new IllegalArgumentException(
                    "set writes a field of one value, got " + fields().get(field) + "; write an array with put");
        }
    }

    /**
     * Writes a whole field from an array of its type. Along a variable axis the sample becomes as long as there are values.
     *
     * @param values a {@code float[]}, {@code double[]}, {@code int[]}, {@code long[]}, {@code byte[]} or {@code boolean[]}, in the
     *     field's order in memory
     */
    public void put(int field, Object values) {
        Field of = fields().get(field);
        int count = values != null && values.getClass().isArray() ? Array.getLength(values) : -1;
        int step = of.isVariable() ? of.elements() / of.variableSize() : of.elements();
        if (count < 0 || count % step != 0 || !of.isVariable() && count != step) {
            throw new IllegalArgumentException("The field " + of + " expects an array of "
                    + (of.isVariable() ? "a multiple of " : "") + step + " values, got "
                    + (count < 0 ? String.valueOf(values) : Integer.toString(count)));
        }
        if (of.isVariable()) {
            length(field, count / step);
        }
        put(field, values, 0);
    }

    /** Writes a whole field from an array of its type, from the value at {@code from} on. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // checked: both are arrays of the field's type
    public void put(int field, Object values, int from) {
        Object into = batch.array(field);
        if (values == null || values.getClass() != into.getClass()) {
            throw new IllegalArgumentException("The field " + fields().get(field) + " expects an array "
                    + into.getClass().getSimpleName() + ", got "
                    + (values == null ? "null" : values.getClass().getSimpleName()));
        }
        System.arraycopy(values, from, into, at(field), elements(field));
        written[field] = true;
    }
}
