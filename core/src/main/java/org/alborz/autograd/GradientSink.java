package org.alborz.autograd;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** What an operation's gradient is computed from, and takes the gradients of its inputs. */
public interface GradientSink {
    /** Tells whether the gradient of an input is needed, so that its computation can be left out; false for an input left out. */
    boolean needs(int input);

    /** Adds to the gradient of an input; of the input's shape, in any layout. */
    void add(int input, Tensor gradient);

    /**
     * Adds a tensor that the operation made for this and does not use any more: the sink owns it from now on, and closes it.
     *
     * @throws IllegalStateException if it was given before
     */
    void give(int input, Tensor gradient);

    /**
     * Returns the gradient of an input as it was added up so far, for the operation to add its own in place, which then counts as added.
     * Null where {@link #add} or {@link #give} must be used: where there is nothing yet, it is not stored in the given order or not in memory
     * of its own, or sums are taken in a wider type.
     *
     * @param order a dense layout
     */
    Tensor sum(int input, Layout order);

    /**
     * Tells whether the gradient must itself be differentiable. An operation with a fused backward kernel composes its gradient
     * from other operations then.
     */
    boolean differentiable();

    /** Tells whether the operation was given an input, be its gradient needed or not. */
    boolean has(int input);

    /** Tells whether only the operation reads the gradient of its result, which then need hold nothing afterwards. */
    boolean usesUp();

    /** Returns an input that {@link org.alborz.ops.Op#saves} named, in the order in memory that was asked for. */
    Tensor input(int i);

    /** Returns a result that {@link org.alborz.ops.Op#saves} named. */
    Tensor result(int i);

    /** Returns the shape of an input whose gradient is needed. */
    Shape shape(int input);

    /** Returns the type of an input whose gradient is needed. */
    DType dtype(int input);

    /** Returns the layout of the first result. */
    Layout layout();

    /**
     * Returns the gradient of a further result, or null where nothing depends on it. The first result's is 0 where only further ones count.
     *
     * @param result from 1 to below {@link org.alborz.ops.Op#gradients}
     */
    Tensor gradientOf(int result);
}
