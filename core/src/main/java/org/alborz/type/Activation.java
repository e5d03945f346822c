package org.alborz.type;

/** A function that a product or a convolution applies to its result before storing it. */
public enum Activation {
    NONE,
    RELU
}
