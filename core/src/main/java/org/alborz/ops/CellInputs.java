package org.alborz.ops;

import org.alborz.type.Shape;

/** Checks what the gates of a recurrent net's step are computed from. */
final class CellInputs {
    private CellInputs() {}

    /**
     * Refuses inputs that do not fit, and asks for all of them row-major.
     *
     * @param gates how many times as wide the sums of the gates are as the state
     * @param state which input is the state {@code [N, H]}; inputs 0 and 1 are the sums
     * @return the state's shape
     */
    static Shape require(Call call, int gates, int state) {
        call.floating(0);
        call.rank(state, "a state", 2, "[N, H]");
        Shape shape = call.shape(state);
        long width = (long) gates * shape.size(1);
        for (int i = 0; i < 3; i++) {
            call.sameType(0, i);
            Shape sums = call.shape(i);
            if (i != state && (sums.rank() != 2 || sums.size(0) != shape.size(0) || sums.size(1) != width)) {
                throw new IllegalArgumentException(call.name() + " expects sums of the gates [" + shape.size(0) + ", "
                        + width + "] for a state " + shape + ", got " + call.describe(i));
            }
            call.rowMajor(i);
        }
        return shape;
    }
}
