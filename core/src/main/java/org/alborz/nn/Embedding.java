package org.alborz.nn;

import java.util.Arrays;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * A table of learned vectors, such as one for each token: looks up the rows of indices, {@code y[i] = weight[indices[i]]}. Rows start normal with
 * standard deviation 1. Their gradient is added up in the order of the indices, so it is the same in every run.
 */
public final class Embedding implements Fresh {
    private static final int NONE = -1;

    private final int count;
    private final int size;
    private final int padding;
    private final Initializer initializer;
    private final Parameter weight;

    /**
     * Makes a table.
     *
     * @param count of rows: indices are from 0 to count − 1
     * @param size of each row
     */
    public Embedding(int count, int size) {
        this(count, size, NONE, Initializer.normal(1));
    }

    private Embedding(int count, int size, int padding, Initializer initializer) {
        if (count < 1 || size < 1) {
            throw new IllegalArgumentException(
                    "Embedding expects at least 1 row of at least 1 number, got " + count + " of " + size);
        }
        this.count = count;
        this.size = size;
        this.padding = padding;
        this.initializer = Given.value(initializer, "Embedding", "an initializer");
        this.weight = Parameter.of(Shape.of(count, size), padding == NONE ? initializer : this::fill);
    }

    /** Returns this table with a padding index, whose row starts at 0 and has the gradient 0. */
    public Embedding padding(int index) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException(
                    "Embedding.padding expects an index from 0 to " + (count - 1) + ", got " + index);
        }
        return new Embedding(count, size, index, initializer);
    }

    /** Returns this table with rows that start otherwise. */
    public Embedding weight(Initializer other) {
        return new Embedding(count, size, padding, other);
    }

    /** Returns the table {@code [count, size]}, to be shared with the layer that computes the scores of the same items. */
    public Parameter weight() {
        return weight;
    }

    private void fill(Shape shape, double[] values, RandomStream random) {
        initializer.fill(shape, values, random);
        Arrays.fill(values, padding * size, (padding + 1) * size, 0);
    }

    /**
     * Looks up rows.
     *
     * @param indices int32 or int64 of any shape, from 0 to count − 1
     * @return their shape, and a last axis of {@code size}
     */
    @Override
    public Tensor forward(Tensor indices, Pass pass) {
        if (indices.dtype().isFloating()) {
            throw new IllegalArgumentException("Embedding expects indices of int32 or int64, got " + indices.describe()
                    + "; convert them with to(DType)");
        }
        Tensor rows = pass.use(weight).embedding(indices);
        if (padding == NONE || !pass.isRecorded()) {
            return rows;
        }
        return Tensor.where(indices.ne(padding).unsqueeze(-1), rows, rows.detach());
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("weight", weight);
    }

    @Override
    public String toString() {
        return "Embedding(" + count + ", " + size + (padding == NONE ? "" : ", padding " + padding) + ")";
    }
}
