package org.alborz.data;

import java.util.Arrays;
import org.alborz.text.Given;

/** The classes of a dataset's samples. */
final class Labels {
    private Labels() {}

    /** Reads the label of one sample, and with it the sample. */
    static int read(Dataset dataset, int index) {
        require("label", dataset);
        return Sample.of(dataset, index).ints(1)[0];
    }

    /** Returns the label of each sample; refuses a dataset whose field 1 is no class. */
    static int[] of(String whose, Dataset dataset) {
        require(whose, dataset);
        int[] labels = new int[dataset.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = dataset.label(i);
        }
        return labels;
    }

    private static void require(String whose, Dataset dataset) {
        if (!Fields.haveLabel(Given.value(dataset, whose, "a dataset").fields())) {
            throw new IllegalArgumentException(whose + " expects a dataset whose second field is a class, an int32"
                    + " scalar, got the fields " + dataset.fields() + " of " + dataset.description());
        }
    }

    /** Returns the samples of each class that has some, in ascending order of the classes' numbers and of their own. */
    static int[][] members(String whose, int[] labels) {
        int[] counts = new int[0];
        for (int i = 0; i < Given.value(labels, whose, "labels").length; i++) {
            if (labels[i] < 0 || labels[i] >= ClassNames.MOST) {
                throw new IllegalArgumentException(whose + " expects labels from 0 to " + (ClassNames.MOST - 1)
                        + ", got " + labels[i] + " of sample " + i);
            }
            if (labels[i] >= counts.length) {
                counts = Arrays.copyOf(counts, Math.max(labels[i] + 1, 2 * counts.length));
            }
            counts[labels[i]]++;
        }
        int[][] members = new int[counts.length][];
        for (int c = 0; c < counts.length; c++) {
            members[c] = new int[counts[c]];
        }
        Arrays.fill(counts, 0);
        for (int i = 0; i < labels.length; i++) {
            members[labels[i]][counts[labels[i]]++] = i;
        }
        int[][] some = Arrays.stream(members).filter(of -> of.length > 0).toArray(int[][]::new);
        if (some.length == 0) {
            throw new IllegalArgumentException(whose + " expects at least 1 sample, got none");
        }
        return some;
    }
}
