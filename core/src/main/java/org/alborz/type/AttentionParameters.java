package org.alborz.type;

/**
 * How queries attend to keys.
 *
 * @param causal whether a query attends to no key after its own position. The last query has the position of the last key, so with as many
 *     queries as keys, query i attends to the keys up to i; with fewer, as when keys of earlier positions were kept, the queries are the last ones
 * @param scale what the products of queries and keys are multiplied by; 0 means 1 / √E, E being the size of a key
 */
public record AttentionParameters(boolean causal, double scale) {
    /** Refuses a scale that is negative or not finite. */
    public AttentionParameters {
        if (!(scale >= 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException(
                    "scaledDotProductAttention expects a finite scale of at least 0, 0 standing for 1 / sqrt(E), got "
                            + scale);
        }
    }

    /** Returns attention to every key, with the usual scale. */
    public static AttentionParameters defaults() {
        return new AttentionParameters(false, 0);
    }

    /** Returns attention to the keys up to the query's own position, with the usual scale. */
    public static AttentionParameters ofCausal() {
        return new AttentionParameters(true, 0);
    }

    /** Returns the scale for keys of a size. */
    public double scale(int keySize) {
        return scale > 0 ? scale : 1 / Math.sqrt(Math.max(1, keySize));
    }
}
