package org.alborz.data;

import java.util.Arrays;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.text.Given;

/** Two parts of one dataset that share no sample and leave none out, such as for training and validation. */
public record Split(Dataset first, Dataset second) {
    /**
     * Divides a dataset at random by a share of its samples, rounded to a whole number; see {@link #random}.
     *
     * @param share what the first part gets, between 0 and 1
     */
    public static Split fraction(Dataset whole, double share, long seed) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("Split expects a share between 0 and 1, got " + share);
        }
        int size = Given.value(whole, "Split", "a dataset").size();
        return random(whole, (int) Math.max(1, Math.min(size - 1L, Math.round(size * share))), seed);
    }

    /**
     * Divides a dataset at random; the division is a function of its size, the count and the seed.
     *
     * @param firstCount how many samples the first part gets; at least one is left for the second
     */
    public static Split random(Dataset whole, int firstCount, long seed) {
        if (Given.value(whole, "Split", "a dataset").size() < 2) {
            throw new IllegalArgumentException("Split expects a dataset of at least 2 samples, got " + whole.size()
                    + "; of " + whole.description());
        }
        if (firstCount < 1 || firstCount >= whole.size()) {
            throw new IllegalArgumentException("Split expects 1 to " + (whole.size() - 1)
                    + " samples in the first part, got " + firstCount + "; of " + whole.description());
        }
        int[] order = Samples.range(0, whole.size(), whole);
        new RandomStream(seed, Streams.SPLIT.stream(0)).shuffle(order);
        return new Split(
                new Subset(whole, Arrays.copyOf(order, firstCount)),
                new Subset(whole, Arrays.copyOfRange(order, firstCount, order.length)));
    }
}
