package org.alborz.train;

import java.util.Arrays;
import org.alborz.type.Shape;

/**
 * A model's outputs for many samples, on the host.
 *
 * @param shape {@code [N, …]}
 * @param values row-major
 */
public record Predictions(Shape shape, float[] values) {
    /** Returns how many samples there are. */
    public int size() {
        return shape.size(0);
    }

    /** Returns a copy of one sample's output. */
    public float[] row(int sample) {
        if (sample < 0 || sample >= size()) {
            throw new IllegalArgumentException(
                    "Predictions of " + size() + " samples have no sample " + sample + "; they are counted from 0");
        }
        int each = values.length / size();
        return Arrays.copyOfRange(values, sample * each, (sample + 1) * each);
    }

    /** Returns the index of the largest output of each sample, the class that a classifier predicts. */
    public int[] argMax() {
        int[] classes = new int[size()];
        for (int i = 0; i < classes.length; i++) {
            float[] row = row(i);
            for (int j = 1; j < row.length; j++) {
                classes[i] = row[j] > row[classes[i]] ? j : classes[i];
            }
        }
        return classes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Predictions that && shape.equals(that.shape) && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "predictions " + shape;
    }
}
