package org.alborz.ops;

import org.alborz.type.Shape;

/** Checks what the gates of a recurrent net's step are computed from. */
final class CellInputs {
    private CellInputs() {}

    /**
     * Refuses inputs that do not fit, and asks for all of them row-major.
     *
     * @param gates how many times as wide the sums of the gates are as the state
     * @param state which input is the state {@code [N, H]}; those before are the sums
     * @return the state's shape
     */
    static Shape require(Call call, int gates, int state) {
        call.floating(0);
        call.rank(state, "a state", 2, "[N, H]");
        Shape shape = call.shape(state);
        for (int i = 0; i < state; i++) {
            require(call, i, shape, gates);
        }
        require(call, state, shape, 1);
        return shape;
    }

    /** Refuses an input that is not so many times as wide as the state, or of another type than the first, and asks for it row-major. */
    static void require(Call call, int input, Shape state, int times) {
        call.sameType(0, input);
        Shape shape = call.shape(input);
        long width = (long) times * state.size(1);
        if (shape.rank() != 2 || shape.size(0) != state.size(0) || shape.size(1) != width) {
            throw new IllegalArgumentException(call.name() + " expects as input " + input + " [" + state.size(0) + ", "
                    + width + "] for a state " + state + ", got " + call.describe(input));
        }
        call.rowMajor(input);
    }
}
