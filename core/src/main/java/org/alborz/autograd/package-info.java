/**
 * Reverse-mode differentiation, defined by run.
 *
 * <p>A {@link org.alborz.autograd.Tape} watches tensors. An operation on a watched tensor records a {@link
 * org.alborz.autograd.Node} that knows its inputs and the values its gradient needs; {@link org.alborz.autograd.Tape#gradients}
 * walks the nodes backwards. There is no global state: a tensor knows its tape.
 */
package org.alborz.autograd;
