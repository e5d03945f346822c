package org.alborz.data;

import org.alborz.random.RandomStream;

/**
 * Draws the samples of an epoch, in order, where not each is to be read once; see {@link DataLoader.Builder#sampler}. A resumed run must
 * have the same sampler and compares its {@code toString}, which a record has by itself.
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
     * @param random stands at the beginning of a stream of the epoch's own
     * @return as many indices as {@link #samples} says, each from 0 to {@code size - 1}
     */
    int[] draw(int size, RandomStream random);
}
