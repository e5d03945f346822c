package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.driver.Launcher;

/** Where samples, heads and rows of queries, keys, values and results are, as the kernels of attention take it. */
record AttentionStrides(Operand query, Operand key, Operand value, Operand result) {
    /** The axes of samples, heads and rows. */
    private static final int AXES = 3;

    void passTo(Launcher launcher) {
        launcher.integers(4 * AXES);
        pass(query, launcher);
        pass(key, launcher);
        pass(value, launcher);
        pass(result, launcher);
    }

    private static void pass(Operand operand, Launcher launcher) {
        for (int axis = 0; axis < AXES; axis++) {
            boolean moves = operand.shape().size(axis) > 1; // else its stride is never used, however large
            launcher.field(moves ? Math.toIntExact(operand.layout().stride(axis)) : 0);
        }
    }
}
