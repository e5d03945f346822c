package org.alborz.distributed;

import java.util.Objects;

/** What every collective refuses of its arguments. */
final class Ranges {
    /** What is to be done where ranks are at different calls. */
    static final String ALIKE =
            "; all ranks have to make the same calls in the same order with the same sizes: give them the same"
                    + " program and settings, and with syncBatchNorm a model whose layers do not depend on the data";

    private Ranges() {}

    static void require(float[] values, int from, int to) {
        Objects.checkFromToIndex(from, to, values.length);
    }

    static void require(double[] values, int from, int to) {
        Objects.checkFromToIndex(from, to, values.length);
    }

    /** Refuses more than one frame holds, so that all kinds of groups take the same. */
    static void gathered(byte[] own) {
        if (own.length > Frame.MOST_BYTES) {
            throw new IllegalArgumentException("allGather expects at most " + Frame.MOST_BYTES
                    + " bytes of a rank, got " + own.length + "; give them in parts");
        }
    }

    static void root(int root, int size) {
        if (root < 0 || root >= size) {
            throw new IllegalArgumentException("A root is a rank from 0 to " + (size - 1) + ", got " + root);
        }
    }
}
