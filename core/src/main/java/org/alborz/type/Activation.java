package org.alborz.type;

/** A function that a product or a convolution applies to its result before storing it. */
public enum Activation {
    NONE,
    RELU,

    /** min(max(x, 0), 6) (Krizhevsky 2010). */
    RELU6
}
