package org.alborz.backend;

import org.alborz.random.RandomKey;

/** Random numbers, the same on every backend: element {@code i} in memory order takes word {@code i}; results are dense. */
public interface RandomFill {
    /** Draws from [0, 1): the word's upper 24 bits times 2⁻²⁴, for every data type. */
    void uniform(RandomKey key, Operand y);

    /**
     * Draws from the standard normal distribution by Box and Muller's transform: elements 2k and 2k+1 are {@code r·cos t} and
     * {@code r·sin t} with {@code r = √(−2 ln((w₂ₖ + 1)·2⁻³²))} and {@code t = 2π·w₂ₖ₊₁·2⁻³²}, words read as unsigned.
     */
    void normal(RandomKey key, Operand y);
}
