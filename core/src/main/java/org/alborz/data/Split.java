package org.alborz.data;

import java.util.Arrays;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.text.Given;

/** Two parts of one dataset that share no sample and leave none out, such as for training and validation. */
public record Split(Dataset first, Dataset second) {
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
