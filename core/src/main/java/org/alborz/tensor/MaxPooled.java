package org.alborz.tensor;

/**
 * The largest elements of windows, and where they were.
 *
 * @param values {@code [N, C, OH, OW]}
 * @param indices int32 {@code [N, C, OH, OW]}: {@code row · W + column} in the image that was pooled
 */
public record MaxPooled(Tensor values, Tensor indices) {}
