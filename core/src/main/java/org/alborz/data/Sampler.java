package org.alborz.data;

import org.alborz.random.RandomStream;

/**
 * Draws the samples of an epoch, in order, where not each is to be read once; see {@link DataLoader.Builder#sampler}. A resumed run must
 * have the same sampler and compares its {@code toString}, so a record is a convenient implementation.
 */
public interface Sampler {
    /**
     * Returns how many samples an epoch has, at least 1 and always the same.
     *
     * @param size how many samples the dataset has
     * @throws IllegalArgumentException when the sampler was made for another dataset
     */
    int samples(int size);

    /**
     * Draws an epoch.
     *
     * @param size how many samples the dataset has
     * @param random at the beginning of a stream of this epoch
     * @return as many indices as {@link #samples} says, each from 0 to {@code size - 1}
     */
    int[] draw(int size, RandomStream random);
}
