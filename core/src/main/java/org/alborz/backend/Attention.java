package org.alborz.backend;

import org.alborz.random.RandomKey;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;

/**
 * Scaled dot-product attention by blocks, without a matrix of all queries and keys (Dao et al. 2022). Operands but the mask are row-major, unless
 * {@link #takesParts}, and of one type: queries {@code [N, H, L, E]}, keys {@code [N, G, S, E]}, values {@code [N, G, S, D]}, the result {@code [N, H, L, D]}. The mask
 * is {@code [N, H, L, S]} in any layout, bool or of the queries' type, or null. The statistics are {@code [N, H, L, 2]} of the type's
 * accumulator: of each query the largest product that counts, −∞ where there is none, and the sum of the exponentials of all less that,
 * whether dropped or not.
 */
public non-sealed interface Attention extends EngineFusion {
    /** Tells whether it can compute with a type, sizes E and D; the engine composes what it cannot. */
    boolean takes(DType dtype, int keySize, int valueSize);

    /**
     * Tells whether queries, keys, values and the result may be parts of larger tensors, in any order of their axes but the last, which is contiguous;
     * a gradient has the layout of what it is of. Not unless overridden.
     */
    default boolean takesParts() {
        return false;
    }

    /**
     * Computes the result, 0 for a query without keys, and the statistics.
     *
     * @param dropout null for none
     */
    void forward(
            AttentionParameters parameters,
            Dropout dropout,
            Operand query,
            Operand key,
            Operand value,
            Operand mask,
            Operand result,
            Operand statistics);

    /**
     * Computes the gradients of queries, keys and values from what forward read and wrote, and the gradient of the result.
     *
     * @param dropout null for none
     */
    void backward(
            AttentionParameters parameters,
            Dropout dropout,
            Inputs inputs,
            Operand dQuery,
            Operand dKey,
            Operand dValue);

    /**
     * Dropout of the weights after softmax: weight {@code i} of {@code [N, H, L, S]} in row-major order is 0 where number {@code i} of {@link
     * RandomFill#uniform} is below the rate, and is divided by 1 − rate elsewhere.
     *
     * @param rate in [0, 1)
     */
    record Dropout(double rate, RandomKey key) {}

    /** What the gradient is computed from. */
    record Inputs(
            Operand query,
            Operand key,
            Operand value,
            Operand mask,
            Operand result,
            Operand statistics,
            Operand dResult) {}
}
