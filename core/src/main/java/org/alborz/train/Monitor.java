package org.alborz.train;

import org.alborz.text.Given;

/**
 * A loss or metric that is watched, and whether less or more of it is better.
 *
 * @param name as in {@link EpochResult#value}: {@code loss}, {@code val_loss}, {@code val_accuracy} …
 */
public record Monitor(String name, Mode mode) {
    /** Which values are better. */
    public enum Mode {
        MIN,
        MAX
    }

    public Monitor {
        Given.value(name, "Monitor", "the name of a loss or metric");
        Given.value(mode, "Monitor", "a mode");
    }

    /** Watches what is to become small, such as {@code val_loss}. */
    public static Monitor min(String name) {
        return new Monitor(name, Mode.MIN);
    }

    /** Watches what is to become large, such as {@code val_accuracy}. */
    public static Monitor max(String name) {
        return new Monitor(name, Mode.MAX);
    }

    /** Returns the value after an epoch. */
    public double of(EpochResult result) {
        return result.value(name);
    }

    /** Tells whether a value is better than the best so far; NaN never is. */
    public boolean isBetter(double value, double best) {
        return isBetter(value, best, 0);
    }

    /** Tells whether a value is better than the best so far by more than {@code margin}; NaN never is. */
    boolean isBetter(double value, double best, double margin) {
        return mode == Mode.MIN ? value < best - margin : value > best + margin;
    }

    /** Returns what every number is better than. */
    public double worst() {
        return mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }

    @Override
    public String toString() {
        return (mode == Mode.MIN ? "min " : "max ") + name;
    }
}
