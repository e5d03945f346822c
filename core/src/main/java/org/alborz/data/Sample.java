package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.text.Given;

/**
 * The memory that one sample is read into, field by field; writing and reading it allocates nothing.
 *
 * <p>A field is written with {@code set} and {@code put}, or directly: the values of field {@code f} start at {@link #at at(f)} in the
 * array of its type, such as {@link #floats floats(f)}, in the field's order in memory.
 *
 * <p>Used by one thread.
 */
public final class Sample {
    private final Batch batch;
    private final boolean[] written;
    private int slot;

    Sample(Batch batch) {
        this.batch = batch;
        this.written = new boolean[batch.fields().size()];
    }

    /** Makes memory for one sample with the given fields, to read it without a loader. */
    public static Sample of(List<Field> fields) {
        return new Sample(new Batch(Fields.require("Sample", fields), 1));
    }

    /** Reads a sample of a dataset with the given fields into memory of its own. */
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
     * @throws DataException when it cannot be read, or a field is not written; it names the sample
     */
    public void read(Dataset dataset, int index) {
        Arrays.fill(written, false);
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
        return slot * fields().get(field).elements();
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

    /** Writes a field of one value. */
    public void set(int field, double value) {
        requireOne(field);
        HostArrays.set(batch.array(field), slot, value);
        written[field] = true;
    }

    /** Writes an int32 field of one value, such as a label. */
    public void set(int field, int value) {
        requireOne(field);
        if (batch.array(field) instanceof int[] ints) {
            ints[slot] = value;
        } else {
            HostArrays.set(batch.array(field), slot, value);
        }
        written[field] = true;
    }

    private void requireOne(int field) {
        if (fields().get(field).elements() != 1) {
            throw new IllegalArgumentException(
                    "set writes a field of one value, got " + fields().get(field) + "; write an array with put");
        }
    }

    /** Writes a whole float32 field from an array's values from {@code from} on. */
    public void put(int field, float[] values, int from) {
        copy(field, values, from, batch.floats(field));
    }

    /** Writes a whole float64 field from an array's values from {@code from} on. */
    public void put(int field, double[] values, int from) {
        copy(field, values, from, batch.doubles(field));
    }

    /** Writes a whole int32 field from an array's values from {@code from} on. */
    public void put(int field, int[] values, int from) {
        copy(field, values, from, batch.ints(field));
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the field's type
    private void copy(int field, Object values, int from, Object into) {
        System.arraycopy(values, from, into, at(field), fields().get(field).elements());
        written[field] = true;
    }
}
