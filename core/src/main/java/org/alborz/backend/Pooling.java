package org.alborz.backend;

import org.alborz.type.Pool2dParameters;

/**
 * The largest or the mean element of each window. Images {@code [N, C, H, W]} are dense and channels-last.
 *
 * <p>Padding never wins a maximum; of a window without any element it is −∞. An average divides by the number of a window's elements
 * on the image with its padding, or on the image alone where {@link Pool2dParameters#countPadding} is false. The maximum of a window is the
 * first in row-major order where several are equal, and NaN where one is NaN.
 */
public interface Pooling {
    void max(Pool2dParameters p, Operand x, Operand y);

    /** Adds each {@code dy} to {@code dx} where the window's maximum was, {@code dx} being 0 elsewhere. */
    void maxBackward(Pool2dParameters p, Operand x, Operand y, Operand dy, Operand dx);

    /** Picks for each window the element of {@code source}, shaped as {@code x}, at the position of {@code x}'s maximum. */
    void maxGather(Pool2dParameters p, Operand x, Operand y, Operand source, Operand picked);

    void average(Pool2dParameters p, Operand x, Operand y);

    /** Spreads each {@code dy} evenly over its window. */
    void averageBackward(Pool2dParameters p, Operand dy, Operand dx);
}
