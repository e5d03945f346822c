package org.alborz.metrics;

import org.alborz.text.Given;

/**
 * How scores such as {@link F1} are averaged over classes; as {@code average} in scikit-learn.
 *
 * @param classes how many there are; 0 for {@link Kind#BINARY}
 */
public record Average(Kind kind, int classes) {
    /** What is averaged. */
    public enum Kind {
        /** Nothing: the score of the positive class alone. */
        BINARY,
        /** The scores of the classes, each the same; those that are neither there nor predicted are left out. */
        MACRO,
        /** Nothing: one score of the counts of all classes added up. */
        MICRO,
        /** The scores of the classes, each by how many samples it has. */
        WEIGHTED
    }

    public Average {
        Given.value(kind, "An average", "a kind");
        if (kind == Kind.BINARY ? classes != 0 : classes < 2) {
            throw new IllegalArgumentException("An average " + kind + " expects "
                    + (kind == Kind.BINARY ? "0 classes" : "at least 2 classes") + ", got " + classes);
        }
    }

    /** Returns the score of yes and no: one logit, which is yes where it is above 0, or two, for each target of 0 or 1. */
    public static Average binary() {
        return new Average(Kind.BINARY, 0);
    }

    /** Returns the mean over classes, for logits {@code [N, …, C]} and classes {@code [N, …]}. */
    public static Average macro(int classes) {
        return new Average(Kind.MACRO, classes);
    }

    /** Returns the score of the counts of all classes, for logits {@code [N, …, C]} and classes {@code [N, …]}. */
    public static Average micro(int classes) {
        return new Average(Kind.MICRO, classes);
    }

    /** Returns the mean over classes by their samples, for logits {@code [N, …, C]} and classes {@code [N, …]}. */
    public static Average weighted(int classes) {
        return new Average(Kind.WEIGHTED, classes);
    }

    /** Returns a metric's name, which tells averages of one run apart; the usual ones of yes and no and of classes have none of their own. */
    String named(String metric) {
        return switch (kind) {
            case BINARY, MACRO -> metric;
            case MICRO -> metric + "_micro";
            case WEIGHTED -> metric + "_weighted";
        };
    }

    /** Averages over the classes of a confusion matrix, row-major by true class. */
    double of(double[] confusion, ClassScore score) {
        double sum = 0;
        double weights = 0;
        double hits = 0;
        double samples = 0;
        for (int c = 0; c < classes; c++) {
            double predicted = 0;
            double actual = 0;
            for (int other = 0; other < classes; other++) {
                predicted += confusion[other * classes + c];
                actual += confusion[c * classes + other];
            }
            double own = confusion[c * classes + c];
            double weight = kind == Kind.WEIGHTED ? actual : predicted + actual > 0 ? 1 : 0;
            sum += weight * score.score(own, predicted, actual);
            weights += weight;
            hits += own;
            samples += actual;
        }
        return kind == Kind.MICRO ? score.score(hits, samples, samples) : ClassScore.divided(sum, weights);
    }
}
