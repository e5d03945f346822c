package org.alborz.autograd;

import org.alborz.tensor.Tensor;

/** Takes the gradients of an operation's inputs. */
public interface GradientSink {
    /** Tells whether the gradient of an input is wanted, so that its computation can be left out; false for an input left out. */
    boolean wants(int input);

    /** Adds to the gradient of an input; of the input's shape, in any layout. */
    void add(int input, Tensor gradient);

    /**
     * Adds a tensor that the operation made for this and does not use any more: the sink owns it from now on, and closes it.
     *
     * @throws IllegalStateException if it was given before
     */
    void give(int input, Tensor gradient);

    /**
     * Tells whether the gradient must itself be differentiable. An operation with a fused backward kernel composes its gradient
     * from other operations then.
     */
    boolean differentiable();
}
