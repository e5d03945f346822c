package org.alborz.nn;

import org.alborz.text.Given;

/**
 * Which targets a loss takes, so that training refuses others before it changes anything.
 *
 * @param least the smallest
 * @param most the largest
 * @param remedy what to do about others, such as {@code "use (x + 1) / 2 of targets from -1 to 1"}
 */
public record TargetRange(double least, double most, String remedy) {
    /** All numbers, of which none is looked at. */
    public static final TargetRange ANY = new TargetRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, "");

    public TargetRange {
        Given.value(remedy, "A target range", "a remedy");
        if (!(least <= most)) {
            throw new IllegalArgumentException(
                    "A target range expects a least number not above the most, got " + least + " and " + most);
        }
    }

    /** Tells whether a target is in it; NaN never is. */
    public boolean holds(double target) {
        return target >= least && target <= most;
    }
}
