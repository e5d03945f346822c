package org.alborz.ops;

import org.alborz.autograd.Node;

/**
 * An operation of the user's own: compute the result, call {@link Node#record}, save what the gradient needs, and complete the
 * node with an instance of this.
 */
public non-sealed interface CustomOp extends Op {}
