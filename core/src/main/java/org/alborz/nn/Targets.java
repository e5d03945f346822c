package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Brings a target into the shape of an output. */
public final class Targets {
    private Targets() {}

    /**
     * Returns a target in the shape of the output: itself, or a view where the two differ by axes of size 1 only, such as {@code [N]} for an
     * output {@code [N, 1]}.
     *
     * @param what asks for it, such as the name of the loss
     * @throws IllegalArgumentException when it has another shape, which broadcasting would compare with the wrong numbers
     */
    public static Tensor inShapeOf(String what, Tensor output, Tensor target) {
        if (output.shape().equals(target.shape())) {
            return target;
        }
        if (alike(output.shape(), target.shape())) {
            return target.reshape(output.shape());
        }
        throw new IllegalArgumentException(what + " expects targets " + output.shape() + ", as the outputs are, got "
                + target.describe() + "; let the data have a target of the shape of the model's output");
    }

    /** Tells whether two shapes are the same but for axes of size 1. */
    public static boolean alike(Shape a, Shape b) {
        int j = 0;
        for (int i = 0; i < a.rank(); i++) {
            if (a.size(i) == 1) {
                continue;
            }
            while (j < b.rank() && b.size(j) == 1) {
                j++;
            }
            if (j == b.rank() || b.size(j) != a.size(i)) {
                return false;
            }
            j++;
        }
        while (j < b.rank() && b.size(j) == 1) {
            j++;
        }
        return j == b.rank();
    }
}
