package org.alborz.data;

import java.util.ArrayList;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.text.Given;

/**
 * Divides a dataset for cross-validation: each sample is in the validation part of exactly one fold, and in the training part of the
 * others.
 *
 * <pre>{@code
 * for (Split fold : KFold.of(data, 5, 1)) { … fold.first() to train on, fold.second() to validate with … }
 * }</pre>
 */
public final class KFold {
    private KFold() {}

    /**
     * Divides a dataset at random. The validation parts differ by at most 1 sample in size.
     *
     * @param folds from 2 to the number of samples
     */
    public static List<Split> of(Dataset whole, int folds, long seed) {
        requireFolds(whole, folds);
        int[] order = Samples.range(0, whole.size(), whole);
        new RandomStream(seed, Streams.SPLIT.stream(2)).shuffle(order);
        return splits(whole, order, folds);
    }

    /**
     * Divides a dataset at random so that every fold has the classes in the same shares: the numbers of a class's samples in two
     * validation parts differ by at most 1, and so do the sizes of the parts.
     */
    public static List<Split> stratified(Dataset whole, int folds, long seed) {
        requireFolds(whole, folds);
        return stratified(whole, folds, seed, Labels.of("KFold", whole));
    }

    /**
     * Divides a dataset as {@link #stratified(Dataset, int, long)} does by other groups than the classes, such as ranges of a target.
     *
     * @param groups the group of each sample, from 0
     */
    public static List<Split> stratified(Dataset whole, int folds, long seed, int[] groups) {
        requireFolds(whole, folds);
        Split.requireGroups("KFold", whole, groups);
        RandomStream random = new RandomStream(seed, Streams.SPLIT.stream(3));
        int[] order = new int[whole.size()];
        int at = 0;
        for (int[] members : Labels.members("KFold", groups)) {
            random.shuffle(members);
            System.arraycopy(members, 0, order, at, members.length);
            at += members.length;
        }
        return splits(whole, order, folds);
    }

    private static void requireFolds(Dataset whole, int folds) {
        int size = Given.value(whole, "KFold", "a dataset").size();
        if (folds < 2 || folds > size) {
            throw new IllegalArgumentException("KFold expects 2 to " + size + " folds, as many as there are samples,"
                    + " got " + folds + "; of " + whole.description());
        }
    }

    /** Deals the samples to the folds in turn. */
    private static List<Split> splits(Dataset whole, int[] order, int folds) {
        List<Split> splits = new ArrayList<>();
        for (int fold = 0; fold < folds; fold++) {
            int count = order.length / folds + (fold < order.length % folds ? 1 : 0);
            int[] training = new int[order.length - count];
            int[] validation = new int[count];
            int first = 0;
            int second = 0;
            for (int i = 0; i < order.length; i++) {
                if (i % folds == fold) {
                    validation[second++] = order[i];
                } else {
                    training[first++] = order[i];
                }
            }
            splits.add(new Split(new Subset(whole, training), new Subset(whole, validation)));
        }
        return splits;
    }
}
