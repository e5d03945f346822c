package org.alborz.backend;

import org.alborz.random.RandomKey;
import org.alborz.type.DType;

/** Random numbers, the same on every backend: element {@code i} in memory order takes word {@code i}; results are dense. */
public interface RandomFill {
    /**
     * Draws from [0, 1): the word's upper 24 bits times 2⁻²⁴, rounded to the data type. What would be rounded to 1, in 16 bits, is the
     * {@linkplain #largestUniform largest number} below it.
     */
    void uniform(RandomKey key, Operand y);

    /**
     * Draws from the standard normal distribution by Box and Muller's transform: elements 2k and 2k+1 are {@code r·cos t} and
     * {@code r·sin t} with {@code r = √(−2 ln((w₂ₖ + 1)·2⁻³²))} and {@code t = 2π·w₂ₖ₊₁·2⁻³²}, words read as unsigned.
     */
    void normal(RandomKey key, Operand y);

    /** Returns the largest uniform number of a floating-point type: the one before 1 in 16 bits, and 1 − 2⁻²⁴ in wider ones. */
    static double largestUniform(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> 1 - 0x1p-11;
            case BFLOAT16 -> 1 - 0x1p-8;
            default -> 1 - 0x1p-24;
        };
    }
}
