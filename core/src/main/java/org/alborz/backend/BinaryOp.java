package org.alborz.backend;

/** A function of two numbers. */
public enum BinaryOp {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    /** aᵇ as IEEE 754 has it: 1 where b = 0 or a = 1, even where the other is NaN. */
    POWER,
    /** The larger; NaN if either is. */
    MAXIMUM,
    /** The smaller; NaN if either is. */
    MINIMUM,
    /** 0 where a ≤ 0, else b: the gradient of a rectifier, which lets b pass where a is NaN. */
    RELU_BACKWARD,
    /**
     * The remainder of a division, with the sign of the divisor: a − b·⌊a / b⌋. NaN where b = 0 or a is infinite; of integers, 0 where b = 0.
     */
    REMAINDER,
    /** ⌊a / b⌋ as if the quotient were not rounded; a / b where b = 0. Of integers, 0 where b = 0. */
    FLOOR_DIVIDE,
    /** The angle of the point (b, a) from −π to π. */
    ATAN2
}
