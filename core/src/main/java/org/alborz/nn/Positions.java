package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Takes the rows of a table of encodings for the positions of a sequence. */
final class Positions {
    private Positions() {}

    /** Returns {@code [T, C]} for x {@code [N, T, C]}, from the position {@code first} on. */
    static Tensor of(Layer whose, Tensor table, Tensor x, int first) {
        Shape shape = x.shape();
        if (shape.rank() != 3
                || shape.size(2) != table.shape().size(1)
                || first < 0
                || first > table.shape().size(0) - shape.size(1)) {
            throw new IllegalArgumentException(whose + " expects input [N, T, "
                    + table.shape().size(1) + "] of at most " + table.shape().size(0) + " places, got " + x.describe()
                    + (first == 0 ? "" : " from place " + first + " on"));
        }
        return table.narrow(0, first, shape.size(1));
    }
}
