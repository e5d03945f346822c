package org.alborz.cuda.ops;

import org.alborz.cuda.driver.Launcher;

/**
 * Numbers that a launch writes to device memory; the structure {@code ReplayNumbers} of {@code util.cu}.
 *
 * @param values all that are to be written, of which one launch takes {@value #MOST}
 * @param first the place of the first one that this launch writes
 */
record ReplayNumbers(double[] values, int first) {
    static final int MOST = 400;

    private static final int FIRST = MOST * Double.BYTES;
    private static final int COUNT = FIRST + Integer.BYTES;
    private static final int BYTES = COUNT + Integer.BYTES;

    /** Adds them to the arguments of a launch. */
    void passTo(Launcher launcher) {
        int at = launcher.structure(BYTES);
        int count = Math.min(MOST, values.length - first);
        for (int i = 0; i < count; i++) {
            launcher.block().putDouble(at + i * Double.BYTES, values[first + i]);
        }
        launcher.block().putInt(at + FIRST, first);
        launcher.block().putInt(at + COUNT, count);
    }
}
