package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Attention;
import org.alborz.random.RandomKey;

/** Dropout of rows of attention weights, which draws the numbers where they are used. */
final class AttentionDropout {
    private static final int WORDS = PhiloxWords.WORDS_PER_BLOCK;

    private final RandomKey key;
    private final float threshold;
    private final float scale;

    private AttentionDropout(Attention.Dropout dropout) {
        key = dropout.key();
        // u ≥ rate, with u = (word >>> 8)·2⁻²⁴, is (word >>> 8) ≥ ⌈rate·2²⁴⌉ exactly.
        threshold = (float) Math.ceil(dropout.rate() * 0x1p24);
        scale = (float) (1 / (1 - dropout.rate()));
    }

    /** Returns what drops, or null where nothing is dropped. */
    static AttentionDropout of(Attention.Dropout dropout) {
        return dropout == null ? null : new AttentionDropout(dropout);
    }

    /**
     * Drops weights of a query.
     *
     * @param first the number of the first one among all weights
     * @param seen how many of them, from the first, the query attends to; the others are 0
     * @param y may be x
     */
    void apply(Workspace memory, long first, int seen, float[] x, int xAt, float[] y, int yAt, int width) {
        int skipped = (int) (first % WORDS);
        int counted = Math.max(0, Math.min(seen, width));
        if (counted > 0) {
            float[] words =
                    memory.floats(Workspace.Use.BLOCK, PhiloxWords.length(Gemm.roundUp(counted + skipped, WORDS)));
            memory.philox().fill(key, first / WORDS, Gemm.ceilDiv(counted + skipped, WORDS), words);
            AttentionRows.drop(words, skipped, threshold, scale, x, xAt, y, yAt, counted);
        }
        Arrays.fill(y, yAt + counted, yAt + width, 0);
    }
}
