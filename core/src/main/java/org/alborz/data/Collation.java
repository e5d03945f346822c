package org.alborz.data;

import java.util.List;
import org.alborz.random.RandomStream;

/**
 * Makes a batch of samples in a way of one's own, such as putting graphs one behind another. Where a loader has none, samples are
 * stacked, and those of different lengths padded; see {@link Padding}. A resumed run must have the same collation and compares its
 * {@code toString}, which a record has by itself.
 */
public interface Collation {
    /**
     * Returns the fields of the batches that are made of samples with the given fields. A batch has memory for as many values of each
     * as its samples would have if they had the field's shape.
     */
    List<Field> fields(List<Field> samples);

    /**
     * Writes every field of a batch: its values into its array, such as {@link Batch#floats}, and its shape with {@link Batch#reshape}
     * where it is not the number of samples and the field's shape. Sample {@code i}'s values of field {@code f} start at
     * {@link Batch#at at(f, i)} of the samples' array, and have {@link Batch#length length(f, i)} along a variable axis.
     *
     * <p>Several threads may call it at once, with other batches.
     */
    void collate(Batch samples, Batch into);

    /**
     * Writes every field of a batch as {@link #collate(Batch, Batch)} does, with random numbers: {@code random} is at a position of this
     * batch, which depends on the loader's seed, the epoch and the batch's index alone.
     */
    default void collate(Batch samples, Batch into, RandomStream random) {
        collate(samples, into);
    }
}
