package org.alborz.backend;

import org.alborz.random.RandomKey;

/** Inverted dropout (Srivastava et al. 2014) with the mask drawn where it is used, forward and backward alike. */
public non-sealed interface DropoutMask extends EngineFusion {
    /**
     * Computes {@code y = u ≥ rate ? x / (1 − rate) : 0} with {@code u} from {@link RandomFill#uniform}; {@code x} and {@code y}
     * are of one dense layout, and may be the same operand.
     */
    void apply(RandomKey key, double rate, Operand x, Operand y);
}
