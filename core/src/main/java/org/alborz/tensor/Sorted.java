package org.alborz.tensor;

/**
 * Elements of a tensor in order along an axis, and where they were.
 *
 * @param values of the tensor's type; their gradient goes to where they were
 * @param indices int32, of the values' shape
 */
public record Sorted(Tensor values, Tensor indices) {}
