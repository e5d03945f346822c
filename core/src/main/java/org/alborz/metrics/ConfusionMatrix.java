package org.alborz.metrics;

import java.util.Arrays;
import java.util.Locale;

/** Counts of predictions by true class (row) and predicted class (column). */
public final class ConfusionMatrix {
    private final long[][] counts;

    public ConfusionMatrix(int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("ConfusionMatrix expects at least 1 class, got " + classes);
        }
        this.counts = new long[classes][classes];
    }

    /** Returns a matrix with the given counts, a row for each true class. */
    static ConfusionMatrix of(long[][] counts) {
        ConfusionMatrix matrix = new ConfusionMatrix(counts.length);
        for (int i = 0; i < counts.length; i++) {
            System.arraycopy(counts[i], 0, matrix.counts[i], 0, counts.length);
        }
        return matrix;
    }

    /** Counts one sample. */
    public void add(int trueClass, int predictedClass) {
        if (Math.min(trueClass, predictedClass) < 0 || Math.max(trueClass, predictedClass) >= counts.length) {
            throw new IllegalArgumentException("ConfusionMatrix expects classes from 0 to " + (counts.length - 1)
                    + ", got true class " + trueClass + " and predicted class " + predictedClass);
        }
        counts[trueClass][predictedClass]++;
    }

    public int classes() {
        return counts.length;
    }

    public long count(int trueClass, int predictedClass) {
        return counts[trueClass][predictedClass];
    }

    /** Returns how many samples were counted. */
    public long total() {
        return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
    }

    /** Returns the share of samples that were predicted right; NaN without any. */
    public double accuracy() {
        long right = 0;
        for (int i = 0; i < counts.length; i++) {
            right += counts[i][i];
        }
        return (double) right / total();
    }

    /** Returns the share of a class's samples that were predicted right (its recall); NaN without any. */
    public double accuracy(int trueClass) {
        return (double) counts[trueClass][trueClass]
                / Arrays.stream(counts[trueClass]).sum();
    }

    /** Returns a copy of the counts, a row for each true class. */
    public long[][] toArray() {
        return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
    }

    /** Returns the counts as a table to print: a row for each true class, a column for each predicted one. */
    @Override
    public String toString() {
        int width = Math.max(
                Long.toString(Arrays.stream(counts)
                                .flatMapToLong(Arrays::stream)
                                .max()
                                .orElse(0))
                        .length(),
                Integer.toString(counts.length - 1).length());
        StringBuilder table = new StringBuilder("true \\ predicted\n");
        for (int i = -1; i < counts.length; i++) {
            table.append(String.format(Locale.ROOT, "%" + width + "s |", i < 0 ? "" : Integer.toString(i)));
            for (int j = 0; j < counts.length; j++) {
                table.append(String.format(Locale.ROOT, " %" + width + "d", i < 0 ? j : counts[i][j]));
            }
            table.append('\n');
        }
        return table.substring(0, table.length() - 1);
    }
}
