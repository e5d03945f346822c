package org.alborz.backend;

/**
 * A way to make one number of many. Over no elements: 0, −∞, +∞ and NaN; of truth values 0, false and true; integers have no extremes
 * then.
 */
public enum ReduceOp {
    SUM,
    /** The largest; NaN if any is. */
    MAX,
    /** The smallest; NaN if any is. */
    MIN,
    /** The sum over the count, rounded once: for 16-bit types a sum beyond the type's range still has a mean. */
    MEAN
}
