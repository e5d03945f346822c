package org.alborz.backend;

/** A function of two numbers. Comparisons give 1 for true and 0 for false, and are false when an argument is NaN. */
public enum BinaryOp {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    /** aᵇ. */
    POWER,
    /** The larger; NaN if either is. */
    MAXIMUM,
    /** The smaller; NaN if either is. */
    MINIMUM,
    EQUAL,
    GREATER,
    GREATER_EQUAL,
    /** b where a &gt; 0, else 0: the gradient of a rectifier. */
    GATE
}
