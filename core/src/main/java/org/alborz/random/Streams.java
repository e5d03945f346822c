package org.alborz.random;

/**
 * What a random stream is for: the purpose stands in a stream's upper 16 bits and an index in its lower 48, so two uses
 * of one seed never share numbers.
 *
 * <p>The tags are part of what a seed means: changing one changes the results of every run.
 */
public enum Streams {
    /** Initial weights; the index counts parameters. */
    WEIGHTS(1),
    /** The order of the samples; the index is the epoch. */
    SHUFFLE(2),
    /** Augmentation; the index is the epoch. */
    AUGMENT(3),
    /** Dropout masks; the index counts layers. */
    DROPOUT(4),
    /** Generated data; the index counts samples. */
    DATA(5),
    /** Division of a dataset into parts. */
    SPLIT(6),
    /** Tensors that programs fill by a seed of their own. */
    TENSOR(7),
    /** What collation draws for whole batches; the index is the epoch. */
    BATCH(8),
    /** Search for settings; the index is the number of the trial. */
    SEARCH(9);

    private static final int INDEX_BITS = 48;

    private final long tag;

    Streams(long tag) {
        this.tag = tag;
    }

    /**
     * Returns the stream for this purpose and index.
     *
     * @param index from 0 to 2⁴⁸ − 1
     */
    public long stream(long index) {
        if (index < 0 || index >>> INDEX_BITS != 0) {
            throw new IllegalArgumentException("Stream " + this + " expects an index from 0 to 2^48 - 1, got " + index);
        }
        return tag << INDEX_BITS | index;
    }
}
