package org.alborz.backend;

/** A way to make one number of many. Over no elements: 0, −∞ and +∞. */
public enum ReduceOp {
    SUM,
    /** The largest; NaN if any is. */
    MAX,
    /** The smallest; NaN if any is. */
    MIN
}
