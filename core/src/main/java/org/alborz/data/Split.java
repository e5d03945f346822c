package org.alborz.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
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
        return random(whole, requireShare(whole, share), seed);
    }

    /** Returns how many samples the first part gets by its share. */
    private static int requireShare(Dataset whole, double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("Split expects a share between 0 and 1, got " + share);
        }
        requireTwo(whole);
        return (int) Math.max(1, Math.min(whole.size() - 1L, Math.round(whole.size() * share)));
    }

    private static void requireTwo(Dataset whole) {
        if (Given.value(whole, "Split", "a dataset").size() < 2) {
            throw new IllegalArgumentException("Split expects a dataset of at least 2 samples, got " + whole.size()
                    + "; of " + whole.description());
        }
    }

    /**
     * Divides a dataset at random; the division is a function of its size, the count and the seed.
     *
     * @param firstCount how many samples the first part gets; at least one is left for the second
     */
    public static Split random(Dataset whole, int firstCount, long seed) {
        requireTwo(whole);
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

    /**
     * Divides a dataset at random so that both parts have the classes in the same shares. The first part has as many samples as
     * {@link #fraction} gives it, and of each class its share rounded up or down.
     *
     * @param share what the first part gets, between 0 and 1
     * @throws IllegalArgumentException when field 1 is no class; give the groups then
     */
    public static Split stratified(Dataset whole, double share, long seed) {
        return stratified(whole, share, seed, Labels.of("Split", whole));
    }

    /**
     * Divides a dataset as {@link #stratified(Dataset, double, long)} does by other groups than the classes, such as ranges of a target.
     *
     * @param groups the group of each sample, from 0
     */
    public static Split stratified(Dataset whole, double share, long seed, int[] groups) {
        int firstCount = requireShare(whole, share);
        requireGroups("Split", whole, groups);
        int[][] members = Labels.members("Split", groups);
        int[] counts = counts(members, share, firstCount);
        RandomStream random = new RandomStream(seed, Streams.SPLIT.stream(1));
        int[] first = new int[firstCount];
        int[] second = new int[whole.size() - firstCount];
        int inFirst = 0;
        int inSecond = 0;
        for (int g = 0; g < members.length; g++) {
            int[] of = members[g];
            random.shuffle(of);
            System.arraycopy(of, 0, first, inFirst, counts[g]);
            System.arraycopy(of, counts[g], second, inSecond, of.length - counts[g]);
            inFirst += counts[g];
            inSecond += of.length - counts[g];
        }
        random.shuffle(first);
        random.shuffle(second);
        return new Split(new Subset(whole, first), new Subset(whole, second));
    }

    /** Returns each group's share, rounded so that together they are {@code total}: the largest remainders are rounded up. */
    private static int[] counts(int[][] members, double share, int total) {
        int[] counts = new int[members.length];
        double[] remainders = new double[members.length];
        int rest = total;
        for (int g = 0; g < counts.length; g++) {
            counts[g] = (int) Math.floor(members[g].length * share);
            remainders[g] = members[g].length * share - counts[g];
            rest -= counts[g];
        }
        int[] order = IntStream.range(0, counts.length)
                .boxed()
                .sorted(Comparator.comparingDouble(g -> -remainders[g]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; rest != 0; i = (i + 1) % order.length) {
            int g = rest > 0 ? order[i] : order[order.length - 1 - i];
            int step = Integer.signum(rest);
            if (counts[g] + step >= 0 && counts[g] + step <= members[g].length) {
                counts[g] += step;
                rest -= step;
            }
        }
        return counts;
    }

    static void requireGroups(String whose, Dataset whole, int[] groups) {
        if (Given.value(groups, whose, "groups").length != whole.size()) {
            throw new IllegalArgumentException(whose + " expects the group of each of " + whole.size()
                    + " samples, got " + groups.length + "; of " + whole.description());
        }
    }
}
