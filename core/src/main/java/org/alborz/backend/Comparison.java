package org.alborz.backend;

/** A relation of two numbers, as IEEE 754 has it: with NaN, {@link #NOT_EQUAL} alone is true. Of truth values true is the larger. */
public enum Comparison {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL
}
