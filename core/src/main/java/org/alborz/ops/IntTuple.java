package org.alborz.ops;

import java.util.Arrays;
import org.alborz.text.Given;

/** Whole numbers that never change, such as the axes of an operation. */
public final class IntTuple {
    private final int[] values;

    private IntTuple(int[] values) {
        this.values = values;
    }

    public static IntTuple of(int... values) {
        return new IntTuple(Given.value(values, "An operation", "axes or other whole numbers")
                .clone());
    }

    public int size() {
        return values.length;
    }

    public int get(int i) {
        return values[i];
    }

    /** Returns the array itself, which must not be changed. */
    int[] array() {
        return values;
    }

    public int[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IntTuple tuple && Arrays.equals(values, tuple.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
